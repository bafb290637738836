/**
 * What a post-mortem is made of. Nothing in it is invented: each statement names the places in result.json that it rests on, and every
 * number in its text stands at one of them (test/core/report/postmortem holds all of them to it).
 */

export interface Statement {
  /** Plain text on one line; what lays it out escapes it. */
  readonly text: string;
  /** JSON pointers (RFC 6901) into result.json; each resolves. */
  readonly sources: readonly string[];
  /** Pointers that lead nowhere: that they do is what is stated. */
  readonly absent?: readonly string[];
  /** `task`: something to do, to be ticked off by an owner. `command`: to be copied. */
  readonly as: "heading" | "line" | "task" | "command";
}

export interface Section {
  readonly title: string;
  readonly statements: readonly Statement[];
}

/** `at("verdict", "findings", 0)` is "/verdict/findings/0". */
export const at = (...path: readonly (string | number)[]): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

export const line = (text: string, ...sources: readonly string[]): Statement => ({
  text,
  sources,
  as: "line",
});

export const heading = (text: string, ...sources: readonly string[]): Statement => ({
  text,
  sources,
  as: "heading",
});

export const task = (text: string, ...sources: readonly string[]): Statement => ({
  text,
  sources,
  as: "task",
});

/** What is said of a thing that the run did not look at. */
export const missing = (text: string, ...absent: readonly string[]): Statement => ({
  text,
  sources: [],
  absent,
  as: "line",
});

/** A sentence, whether or not its text came with an end. */
export const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
