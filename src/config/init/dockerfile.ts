import { safePath, safePort, safeWords } from "./findings.ts";

export interface DockerfileFacts {
  readonly words?: readonly string[];
  readonly port?: number;
  readonly ready?: string;
}

/** Instructions with continuation lines joined and comments gone. */
const instructions = (text: string): { name: string; rest: string }[] =>
  text
    .replaceAll(/\\[ \t]*\r?\n/g, " ")
    .split(/\r?\n/)
    .flatMap((line) => {
      const match = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line);
      return match === null ? [] : [{ name: (match[1] ?? "").toUpperCase(), rest: (match[2] ?? "").trim() }];
    });

/** A command in exec form (a JSON list) or shell form. */
const commandOf = (rest: string): readonly string[] | null => {
  if (!rest.startsWith("[")) return safeWords(rest.replace(/^exec\s+/, ""));
  try {
    const parsed: unknown = JSON.parse(rest);
    return safeWords(parsed);
  } catch {
    return null;
  }
};

/** The path a HEALTHCHECK asks for, from a URL among its words. */
export const healthPath = (rest: string): string | null => {
  const path =
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::[\d$A-Za-z{}_-]+)?(\/[^\s"'|?#,\])]*)/.exec(
      rest,
    )?.[1];
  return path === undefined ? null : safePath(path);
};

/** What the last stage of a Dockerfile says. */
export const readDockerfile = (text: string): DockerfileFacts => {
  let entrypoint: readonly string[] = [];
  let command: readonly string[] | null = null;
  let refused = false;
  let port: number | null = null;
  let ready: string | null = null;
  for (const { name, rest } of instructions(text)) {
    if (name === "FROM") [entrypoint, command, refused, port, ready] = [[], null, false, null, null];
    else if (name === "EXPOSE") port ??= safePort(rest.split(/[\s/]/)[0]);
    else if (name === "HEALTHCHECK") ready = healthPath(rest);
    else if (name === "CMD") command = commandOf(rest);
    else if (name === "ENTRYPOINT") {
      const words = commandOf(rest);
      refused = words === null;
      entrypoint = words ?? [];
    }
  }
  const words = refused ? [] : [...entrypoint, ...(command ?? [])];
  return {
    ...(words.length === 0 ? {} : { words }),
    ...(port === null ? {} : { port }),
    ...(ready === null ? {} : { ready }),
  };
};
