import { valueAt } from "../issues.ts";
import { type PathPart, pathText, quoted, type RawProblem } from "../problems.ts";
import { interpolate, type Variables } from "./interpolate.ts";

export type Path = readonly PathPart[];
type Words = Pick<RawProblem, "code" | "message" | "allowed"> &
  Partial<Pick<RawProblem, "at" | "nearest" | "remedy">>;

/** What all values together may become once variables are filled in. */
const LONGEST_TOTAL_CHARACTERS = 4 * 1024 * 1024;

/**
 * Collects what is wrong with a compose file. Values are quoted as they are written, never as the environment fills
 * them in; below `environment` they are not quoted at all.
 */
export class ComposeReader {
  readonly problems: RawProblem[] = [];
  /** Lines of these are not shown. */
  readonly secrets: Path[] = [];
  readonly #written: unknown;
  readonly #variables: Variables;
  readonly #known = new Set<string>();
  #characters = 0;

  constructor(written: unknown, variables: Variables) {
    this.#written = written;
    this.#variables = variables;
  }

  /** Of several problems at one place the first is kept: the rest follow from it. */
  problem(path: Path, words: Words): void {
    const place = pathText(path);
    if (this.#known.has(place)) return;
    this.#known.add(place);
    const written = valueAt(this.#written, path);
    const hidden = path.includes("environment") || path.includes("args");
    this.problems.push({
      path,
      at: "value",
      found: words.at === "key" ? quoted(path.at(-1)) : hidden ? "a value (not shown)" : quoted(written),
      ...words,
      ...(hidden ? { hideSource: true as const } : {}),
    });
  }

  wrongType(path: Path, wanted: string): void {
    this.problem(path, { code: "wrong-type", message: `This must be ${wanted}`, allowed: wanted });
  }

  /** The value with every text's variables filled in; keys stay as they are. */
  filled(value: unknown, path: Path): unknown {
    if (typeof value === "string") return this.#filledText(value, path);
    if (Array.isArray(value))
      return (value as unknown[]).map((item, index) => this.filled(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.filled(item, [...path, key])]),
    );
  }

  #filledText(text: string, path: Path): string {
    const reading =
      this.#characters > LONGEST_TOTAL_CHARACTERS
        ? ({ ok: false, message: "Variables make the file too large" } as const)
        : interpolate(text, this.#variables);
    if (!reading.ok) {
      this.problem(path, {
        code: "wrong-value",
        message: reading.message,
        allowed: "${NAME}, ${NAME:-default}, $$",
        ...(reading.remedy === undefined ? {} : { remedy: reading.remedy }),
      });
      return "";
    }
    if (reading.value !== text) this.#characters += reading.value.length;
    return reading.value;
  }

  /** A variable of the environment that a list or map only names. */
  variable(name: string): string | undefined {
    return Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
  }
}
