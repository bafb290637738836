import { readCompose } from "./compose.ts";
import { readDockerfile } from "./dockerfile.ts";
import { type Findings, type FoundCompose, type FoundDependency, readyAmong, safeWords } from "./findings.ts";
import { type OpenApiFacts, readOpenApi, type SampleRequest } from "./openapi.ts";
import { dependenciesOfLibraries, readPackageJson, readPython } from "./packages.ts";

/** Where a file may lie; the nearest to the root wins. */
const find = (files: ReadonlyMap<string, string>, name: RegExp): readonly (readonly [string, string])[] =>
  [...files]
    .filter(([path]) => name.test(path.split(/[\\/]/).at(-1) ?? ""))
    .sort(([a], [b]) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1));

interface Start {
  readonly words: readonly string[];
  readonly seenIn: string;
}

/** Everything the files of a repository say that a suite can use. */
export interface Detected extends Findings {
  readonly requests: readonly SampleRequest[];
}

/** A stub takes the place of a compose service of its name: it needs no key and has seeded times. */
const without = (compose: FoundCompose, kept: readonly FoundDependency[]): FoundCompose => ({
  ...compose,
  dependencies: compose.dependencies.filter(
    ({ name }) => !kept.some((other) => other.name.toLowerCase() === name.toLowerCase()),
  ),
});

/** Reads the telling files; pure, executes nothing, takes any content. */
export const detect = (files: ReadonlyMap<string, string>): Detected => {
  const notes: string[] = [];
  const starts: Start[] = [];
  const ports: number[] = [];
  const readies: string[] = [];
  const dependencies: FoundDependency[] = [];
  const start = (words: readonly string[] | null | undefined, seenIn: string): void => {
    if (words !== undefined && words !== null && words.length > 0) starts.push({ words, seenIn });
  };
  const unread = (what: string): void => void notes.push(`${what} could not be read and was passed over.`);

  for (const [, text] of find(files, /^Procfile$/).slice(0, 1))
    start(safeWords(/^web:\s*(.+)$/m.exec(text)?.[1] ?? null), "Procfile");
  for (const [, text] of find(files, /^package\.json$/).slice(0, 1)) {
    const facts = readPackageJson(text);
    if (facts === null) unread("package.json");
    start(facts?.words, "package.json");
    dependencies.push(...dependenciesOfLibraries(facts?.libraries ?? [], "package.json"));
  }
  const dockerfiles = find(files, /^Dockerfile$/i).slice(0, 1);
  for (const [, text] of dockerfiles) {
    const facts = readDockerfile(text);
    start(facts.words, "Dockerfile");
    if (facts.port !== undefined) ports.push(facts.port);
    if (facts.ready !== undefined) readies.push(facts.ready);
  }
  let compose: FoundCompose | undefined;
  for (const [path, text] of find(files, /^(docker-)?compose\.ya?ml$/i).slice(0, 1)) {
    const facts = readCompose(text, path.replaceAll("\\", "/"));
    if (facts === null) unread("The compose file");
    if (dockerfiles.length === 0) {
      compose = facts?.run;
      if (facts?.note !== undefined) notes.push(facts.note);
    }
    start(facts?.words, "compose file");
    if (facts?.port !== undefined) ports.push(facts.port);
    dependencies.push(...(facts?.dependencies ?? []));
  }
  for (const [path, text] of find(files, /^(pyproject\.toml|requirements\.txt)$/)) {
    const name = path.endsWith(".toml") ? "pyproject.toml" : "requirements.txt";
    const facts = readPython(text, name);
    start(facts.words, name);
    dependencies.push(...dependenciesOfLibraries(facts.libraries, name));
  }
  let api: OpenApiFacts | null = null;
  for (const [, text] of find(files, /^(openapi|swagger)\.(json|ya?ml)$/i))
    api ??= readOpenApi(text, "the OpenAPI file");
  if (api === null && find(files, /^(openapi|swagger)\./i).length > 0) unread("The OpenAPI file");

  const ready = readyAmong(api?.paths ?? []) ?? readies[0];
  const kept = dependencies.filter(
    ({ name }, index) =>
      dependencies.findIndex((other) => other.name === name) === index &&
      compose?.replaced.includes(name) !== true,
  );
  const [command] = starts;
  const [port] = ports;
  return {
    ...(command === undefined ? {} : { command }),
    ...(dockerfiles.length > 0 ? { build: true as const } : {}),
    ...(compose === undefined ? {} : { compose: without(compose, kept) }),
    ...(port === undefined ? {} : { port }),
    ...(ready === undefined ? {} : { ready }),
    dependencies: kept,
    requests: (api?.requests ?? []).filter(({ path }) => path !== ready),
    notes,
  };
};
