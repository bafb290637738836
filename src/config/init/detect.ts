import { findMark, findRoutes, keepsAnswers, readyOfCode, requestsOfRoutes, withNonce } from "./code.ts";
import { type ComposeFacts, readCompose } from "./compose.ts";
import { requestsOfProse } from "./curl.ts";
import { type DockerfileFacts, readDockerfile } from "./dockerfile.ts";
import { type Findings, type FoundCompose, type FoundDependency, readyAmong, safeWords } from "./findings.ts";
import { neededVariables } from "./needed.ts";
import { type OpenApiFacts, readOpenApi, type SampleRequest } from "./openapi.ts";
import { dependenciesOfLibraries, readPackageJson, readPython } from "./packages.ts";
import { isSource } from "./places.ts";
import { fixedPort } from "./port.ts";
import { pythonMain, pythonStart } from "./python-start.ts";
import { dependenciesOfVariables } from "./services-by-name.ts";
import { type FoundVariable, findVariables } from "./variables.ts";

type Files = ReadonlyMap<string, string>;

/** Where a file may lie; the nearest to the root wins. */
const find = (files: Files, name: RegExp): readonly (readonly [string, string])[] =>
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
  /** Where the requests are from; absent: made up without a word from the repository. */
  readonly requestsFrom?: "openapi" | "readme" | "code";
  /** The service keeps answers, so that each request must differ. */
  readonly varied?: true;
}

/** A stub takes the place of a compose service of its name: it needs no key and has seeded times. */
const without = (compose: FoundCompose, kept: readonly FoundDependency[]): FoundCompose => ({
  ...compose,
  dependencies: compose.dependencies.filter(
    ({ name }) => !kept.some((other) => other.name.toLowerCase() === name.toLowerCase()),
  ),
});

/** What manifests say: start commands by preference, and libraries. */
interface Manifests {
  readonly starts: readonly Start[];
  readonly dependencies: readonly FoundDependency[];
  readonly unread: readonly string[];
}

const readManifests = (
  files: Files,
  dockerfile: DockerfileFacts | null,
  compose: ComposeFacts | null,
): Manifests => {
  const starts: Start[] = [];
  const dependencies: FoundDependency[] = [];
  const unread: string[] = [];
  const start = (words: readonly string[] | null | undefined, seenIn: string): void => {
    if (words !== undefined && words !== null && words.length > 0) starts.push({ words, seenIn });
  };
  for (const [, text] of find(files, /^Procfile$/).slice(0, 1))
    start(safeWords(/^web:\s*(.+)$/m.exec(text)?.[1] ?? null), "Procfile");
  for (const [, text] of find(files, /^package\.json$/).slice(0, 1)) {
    const facts = readPackageJson(text);
    if (facts === null) unread.push("package.json");
    start(facts?.words, "package.json");
    dependencies.push(...dependenciesOfLibraries(facts?.libraries ?? [], "package.json"));
  }
  start(dockerfile?.words, "Dockerfile");
  start(compose?.words, "compose file");
  dependencies.push(...(compose?.dependencies ?? []));
  const application = pythonStart(files);
  start(application?.words, application?.seenIn ?? "");
  for (const [path, text] of find(files, /^(pyproject\.toml|requirements\.txt)$/)) {
    const name = path.endsWith(".toml") ? "pyproject.toml" : "requirements.txt";
    const facts = readPython(text, name);
    start(facts.words, name);
    dependencies.push(...dependenciesOfLibraries(facts.libraries, name));
  }
  const main = pythonMain(files);
  start(main?.words, main?.seenIn ?? "");
  return { starts, dependencies, unread };
};

/** A variable names an address better than a library's habit does; a simulator takes both. */
const merged = (
  byLibrary: readonly FoundDependency[],
  byVariable: readonly FoundDependency[],
): FoundDependency[] => {
  const result = new Map<string, FoundDependency>();
  for (const each of byVariable) {
    const known = result.get(each.name);
    result.set(each.name, known === undefined ? each : { ...known, env: { ...known.env, ...each.env } });
  }
  for (const each of byLibrary) {
    const known = result.get(each.name);
    if (known === undefined) result.set(each.name, each);
    else if (each.offer.type === "stub")
      result.set(each.name, { ...known, env: { ...each.env, ...known.env } });
  }
  return [...result.values()];
};

const chosenRequests = (
  files: Files,
  api: OpenApiFacts | null,
  ready: string | undefined,
): Pick<Detected, "requests" | "requestsFrom"> => {
  const asks = (requests: readonly SampleRequest[]): SampleRequest[] =>
    requests.filter(({ path, method }) => path !== ready || method === "POST");
  const sources = [
    ["openapi", () => api?.requests ?? []],
    ["readme", () => requestsOfProse(files).requests],
    ["code", () => requestsOfRoutes(findRoutes(files), files)],
  ] as const;
  for (const [requestsFrom, requestsOf] of sources) {
    const requests = asks(requestsOf());
    if (requests.length > 0) return { requests, requestsFrom };
  }
  return { requests: [] };
};

/** A port that is fixed: a service that reads PORT takes any, and squall picks a free one. */
const portOf = (
  files: Files,
  named: readonly (number | undefined)[],
  variables: readonly FoundVariable[],
  compose: FoundCompose | undefined,
): number | undefined => {
  const reads = variables.some(({ name }) =>
    /^(?:(?:APP|SERVER|SERVICE|HTTP|API|WEB|LISTEN)_)?PORT$/.test(name),
  );
  const hasCode = [...files.keys()].some(isSource);
  if (reads && hasCode && compose === undefined) return undefined;
  return named.find((port) => port !== undefined) ?? (reads ? undefined : fixedPort(files));
};

const openApiOf = (files: Files): { readonly api: OpenApiFacts | null; readonly unread: boolean } => {
  let api: OpenApiFacts | null = null;
  for (const [, text] of find(files, /^(openapi|swagger)\.(json|ya?ml)$/i))
    api ??= readOpenApi(text, "the OpenAPI file");
  return { api, unread: api === null && find(files, /^(openapi|swagger)\./i).length > 0 };
};

/** Reads the telling files; pure, executes nothing, takes any content. */
export const detect = (files: Files): Detected => {
  const notes: string[] = [];
  const [dockerText] = find(files, /^Dockerfile$/i);
  const dockerfile = dockerText === undefined ? null : readDockerfile(dockerText[1]);
  const [composeText] = find(files, /^(docker-)?compose\.ya?ml$/i);
  const composed =
    composeText === undefined ? null : readCompose(composeText[1], composeText[0].replaceAll("\\", "/"));
  const { starts, dependencies: byLibrary, unread } = readManifests(files, dockerfile, composed);
  const { api, unread: apiUnread } = openApiOf(files);
  const couldNotRead = [
    ...unread,
    ...(composeText !== undefined && composed === null ? ["The compose file"] : []),
    ...(apiUnread ? ["The OpenAPI file"] : []),
  ];
  notes.push(...couldNotRead.map((what) => `${what} could not be read and was passed over.`));
  if (composed?.note !== undefined) notes.push(composed.note);

  const run = composed?.run;
  const variables = findVariables(files, composed?.environment ?? {}, "the compose file");
  const code = [...files].flatMap(([path, text]) => (isSource(path) ? [text] : [])).join("\n");
  const inside = new Set(run?.dependencies.map(({ name }) => name));
  const dependencies = merged(byLibrary, dependenciesOfVariables(variables, code, inside)).filter(
    ({ name }) => run?.replaced.includes(name) !== true,
  );
  const ready = readyAmong(api?.paths ?? []) ?? dockerfile?.ready ?? composed?.ready ?? readyOfCode(files);
  const port = portOf(files, [dockerfile?.port, composed?.port], variables, run);
  const [command] = starts;
  const { requests, requestsFrom } = chosenRequests(files, api, ready);
  const varied = keepsAnswers(files) && requests.some(({ body }) => body !== undefined);
  const mark = findMark(files);
  return {
    ...(command === undefined ? {} : { command }),
    ...(dockerfile !== null && run === undefined ? { build: true as const } : {}),
    ...(run === undefined ? {} : { compose: without(run, dependencies) }),
    ...(port === undefined ? {} : { port }),
    ...(ready === undefined ? {} : { ready }),
    dependencies,
    needed: neededVariables(variables, dependencies, run !== undefined),
    ...(mark === undefined ? {} : { mark }),
    requests: varied ? requests.map((each) => ({ ...each, body: withNonce(each.body) })) : requests,
    ...(requestsFrom === undefined ? {} : { requestsFrom }),
    ...(varied ? { varied: true as const } : {}),
    notes,
  };
};
