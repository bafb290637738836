/**
 * Environment variables that a repository's files read or name.
 *
 *   source files --lines, by patterns--+
 *   .env.example, README, Dockerfile --+--> FoundVariable, one a name
 *   compose file's environment --------+
 */
import { baseName, isExample, isProse, isSource, safePlace } from "./places.ts";

export interface FoundVariable {
  readonly name: string;
  /** The service does not start without it, as its code reads. */
  readonly required: boolean;
  /** What the code takes where it is not set. */
  readonly fallback?: string;
  /** A value that an example or a compose file gives. */
  readonly example?: string;
  /** File, and line where it is code. */
  readonly seenIn: string;
}

const NAME = "[A-Z][A-Z0-9_]{1,60}";
const LONGEST_LINE = 500;
const MOST = 300;
const VALUE = `["'\`]([^"'\`$]{0,200})["'\`]`;

/** `process.env.NAME ?? "value"`, `process.env["NAME"]` */
const NODE = new RegExp(
  `process\\.env(?:\\.(${NAME})|\\[\\s?["'](${NAME})["']\\s?\\])(?:\\s?(?:\\?\\?|\\|\\|)\\s?${VALUE})?`,
  "g",
);
/** `os.environ["NAME"]`, not where it is set. */
const PYTHON = new RegExp(`environ\\s?\\[\\s?["'](${NAME})["']\\s?\\](?!\\s?=[^=])`, "g");
/** `os.getenv("NAME", "value")`, `environ.get("NAME")`, and a project's own `required("NAME")`. */
const CALL = new RegExp(`([A-Za-z_]\\w{0,60})\\(\\s?["'](${NAME})["']\\s?(?:(\\))|,\\s?${VALUE})?`, "g");
/** A field of pydantic's settings. */
const SETTING =
  /^\s{1,8}([a-z][a-z0-9_]{1,60})\s?:\s?[A-Za-z_][\w.[\] |]{0,60}?\s?(=\s?(?:["']([^"']{0,200})["'])?.*)?$/;

const found = (name: string, required: boolean, seenIn: string, fallback?: string): FoundVariable => ({
  name,
  required,
  seenIn,
  ...(fallback === undefined ? {} : { fallback }),
});

const inCode = (line: string, place: string): FoundVariable[] => [
  ...[...line.matchAll(NODE)].map(([, dotted, quoted, value]) =>
    found(dotted ?? quoted ?? "", false, place, value),
  ),
  ...[...line.matchAll(PYTHON)].map(([, name = ""]) => found(name, true, place)),
  ...[...line.matchAll(CALL)].flatMap(([, call = "", name = "", closed, value]) => {
    if (/^(get|getenv|lookupenv)$/i.test(call)) return [found(name, false, place, value)];
    if (!/env|requir|must|config|setting|secret/i.test(call) || /error|log/i.test(call)) return [];
    return [found(name, closed !== undefined, place, value)];
  }),
];

const ofSource = (path: string, text: string): FoundVariable[] => {
  const settings = text.includes("BaseSettings");
  if (!settings && !/environ|getenv|process\.env/i.test(text)) return [];
  const prefix = (/env_prefix\s?=\s?["'](\w{0,40})["']/.exec(text)?.[1] ?? "").toUpperCase();
  return text.split(/\r?\n/).flatMap((whole, index) => {
    const line = whole.slice(0, LONGEST_LINE);
    const place = `${path}:${index + 1}`;
    const field = settings ? SETTING.exec(line) : null;
    return [
      ...inCode(line, place),
      ...(field === null
        ? []
        : [found(`${prefix}${(field[1] ?? "").toUpperCase()}`, field[2] === undefined, place, field[3])]),
    ];
  });
};

/** `NAME=value` as an example file, an export in a README or a Dockerfile's ENV has it. */
const ofExample = (path: string, text: string, pattern: RegExp): FoundVariable[] =>
  text.split(/\r?\n/).flatMap((line) =>
    [...line.slice(0, LONGEST_LINE).matchAll(pattern)].map(([, name = "", value = ""]) => ({
      name,
      required: false,
      seenIn: path,
      example: value
        .replace(/\s#.*$/, "")
        .replaceAll(/^["']|["']$/g, "")
        .trim(),
    })),
  );

const EXAMPLE_LINE = new RegExp(`^\\s{0,4}#?\\s?(?:export )?(${NAME})\\s?=\\s?(.{0,200})`, "g");
/** Only what looks like a URL: prose holds other things that look like assignments. */
const PROSE_URL = new RegExp(`\\b(${NAME})=["']?([a-z]{2,12}://[^\\s"'\`]{1,200})`, "g");
const DOCKER_ENV = new RegExp(`^\\s?ENV\\s+(${NAME})[= ](\\S{1,200})`, "g");

const inFile = (path: string, text: string): FoundVariable[] => {
  if (isSource(path)) return ofSource(path, text);
  if (isExample(path)) return ofExample(path, text, EXAMPLE_LINE);
  if (isProse(path)) return ofExample(path, text, PROSE_URL);
  if (/^Dockerfile$/i.test(baseName(path))) return ofExample(path, text, DOCKER_ENV);
  return [];
};

/** Two sightings of one name: code says more than examples, the first of its kind counts. */
const together = (a: FoundVariable, b: FoundVariable): FoundVariable => {
  const fallback = a.fallback ?? b.fallback;
  const example = a.example || b.example;
  return {
    name: a.name,
    required: a.required || b.required,
    seenIn: a.seenIn,
    ...(fallback === undefined ? {} : { fallback }),
    ...(example === undefined ? {} : { example }),
  };
};

/**
 * One entry a name, code first. A test's variables are not the service's.
 *
 * @param composed what a compose file's service is given, by name
 */
export const findVariables = (
  files: ReadonlyMap<string, string>,
  composed: Readonly<Record<string, string>>,
  composeFile: string,
): FoundVariable[] => {
  const entries = [...files].filter(([path]) => safePlace(path) !== null);
  const inOrder = [
    ...entries.filter(([path]) => isSource(path)),
    ...entries.filter(([path]) => !isSource(path)),
  ].flatMap(([path, text]) => inFile(path, text));
  const given = Object.entries(composed)
    .filter(([name]) => new RegExp(`^${NAME}$`).test(name))
    .map(([name, example]): FoundVariable => ({ name, required: false, seenIn: composeFile, example }));
  const byName = new Map<string, FoundVariable>();
  for (const each of [...inOrder, ...given]) {
    const known = byName.get(each.name);
    if (known === undefined && byName.size >= MOST) continue;
    byName.set(each.name, known === undefined ? each : together(known, each));
  }
  return [...byName.values()];
};
