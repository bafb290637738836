import { parseSuite } from "../suite.ts";
import { type Detected, detect } from "./detect.ts";
import { isActive, suiteText } from "./suite-text.ts";
import { workflowText } from "./workflow-text.ts";

export interface Proposal {
  /** squall.yml, with comments. */
  readonly suite: string;
  /** chaos/requests.jsonl */
  readonly requests: string;
  /** .github/workflows/squall.yml */
  readonly workflow: string;
  /** What a person should look at, one sentence each. */
  readonly notes: readonly string[];
}

const line = (id: string, method: string, url: string, body?: unknown): string =>
  JSON.stringify({ custom_id: id, method, url, ...(body === undefined ? {} : { body }) });

const requestLines = (found: Detected): string[] =>
  found.requests.length > 0
    ? found.requests.map(({ id, method, path, body }) => line(id, method, path, body))
    : [line("first", "GET", found.ready ?? "/")];

const startNote = (found: Detected): string => {
  if (found.compose !== undefined)
    return `service: ${found.compose.service} of ${found.compose.file}, run in Docker as it is there.`;
  if (found.command !== undefined)
    return `service: started by \`${found.command.words.join(" ")}\` (from ${found.command.seenIn}).`;
  return found.build === true
    ? "service: built from the Dockerfile, run in Docker. For a run without Docker write service.command."
    : "service: no start command was found. Write service.command in squall.yml.";
};

const readyNote = ({ ready }: Detected): string =>
  ready === undefined
    ? "readiness: no health path was found, so a TCP connection counts as ready. Write service.ready if there is one."
    : `readiness: GET ${ready}.`;

const dependencyNotes = (found: Detected): string[] => {
  const composed = found.compose?.dependencies.map(({ name }) => name) ?? [];
  const running = found.dependencies.filter((each) => each.offer.type !== "stub" && isActive(found, each));
  const offered = found.dependencies.filter((each) => !isActive(found, each));
  const models = found.dependencies.filter(({ offer }) => offer.type === "stub");
  return [
    ...models.map(({ name, seenIn }) => `dependency ${name}: simulated, no key is needed (from ${seenIn}).`),
    ...(composed.length === 0 ? [] : [`dependency ${composed.join(", ")}: started from the compose file.`]),
    ...running.map(
      ({ name, offer, seenIn }) =>
        `dependency ${name}: must run at ${offer.type === "stub" ? "" : `127.0.0.1:${offer.port}`} before \`squall run\` (from ${seenIn}); or write a command that starts it.`,
    ),
    ...offered.map(
      ({ name, seenIn }) =>
        `dependency ${name}: only a comment in squall.yml, because it must run first (from ${seenIn}).`,
    ),
    ...(models.length + composed.length + running.length > 0
      ? []
      : ["dependencies: none was found. Name what the service calls: faults strike there."]),
  ];
};

const requestNote = (found: Detected): string => {
  const { length } = found.requests;
  const count = `${length} request${length === 1 ? "" : "s"}`;
  const varied = found.varied === true ? ", each with a {{nonce}}, because the service keeps answers" : "";
  switch (found.requestsFrom) {
    case "openapi":
      return `chaos/requests.jsonl: ${count} made up from the OpenAPI file${varied}. Put real ones in their place.`;
    case "readme":
      return `chaos/requests.jsonl: ${count} from the curl commands of the README${varied}. Add more of what users ask.`;
    case "code":
      return `chaos/requests.jsonl: ${count} made up from routes in the code${varied}. Check their bodies.`;
    default:
      return "chaos/requests.jsonl: one GET, because no OpenAPI file, curl command or route was found. `squall record` writes a real set from traffic.";
  }
};

/** What was guessed and from where, in the order of the suite; then what could not be. */
const notesOf = (found: Detected): string[] => [
  startNote(found),
  readyNote(found),
  ...dependencyNotes(found),
  ...(found.needed.length === 0
    ? []
    : [
        `environment: ${found.needed.map(({ name, value }) => `${name}=${value}`).join(", ")} (made up or from an example${found.compose === undefined ? "; of your own environment the service gets only PATH and the like" : ""}).`,
      ]),
  requestNote(found),
  ...(found.mark === undefined
    ? []
    : [`fallbacks: ${found.mark.path}: ${String(found.mark.value)} marks one (from ${found.mark.seenIn}).`]),
  ...found.notes,
];

/**
 * A first suite, request set and workflow from the files of a repository (path to content). Pure: reads nothing else,
 * executes nothing; whatever the files hold, the suite it writes is one that `parseSuite` takes.
 */
export const proposeSuite = (files: ReadonlyMap<string, string>): Proposal => {
  const found = detect(files);
  const python = [...files.keys()].some((path) => /(^|\/)(pyproject\.toml|requirements\.txt)$/.test(path));
  const node = files.has("package.json");
  const workflow = workflowText({ node, python });
  const suite = suiteText(found);
  if (parseSuite(suite, { file: "squall.yml" }).ok)
    return { suite, requests: `${requestLines(found).join("\n")}\n`, workflow, notes: notesOf(found) };
  const bare: Detected = { dependencies: [], needed: [], requests: [], notes: found.notes };
  return {
    suite: suiteText(bare),
    requests: `${requestLines(bare).join("\n")}\n`,
    workflow,
    notes: [
      "What the repository's files say could not be put into a suite; this one is a skeleton.",
      ...notesOf(bare),
    ],
  };
};
