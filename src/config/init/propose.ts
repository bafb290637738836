import { parseSuite } from "../suite.ts";
import { type Detected, detect } from "./detect.ts";
import { suiteText } from "./suite-text.ts";
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

const notesOf = (found: Detected): string[] => {
  const notes = [...found.notes];
  if (found.compose !== undefined) {
    notes.push(
      `The service is ${found.compose.service} of ${found.compose.file}, with what it calls there: runtime docker runs them.`,
    );
  } else if (found.command === undefined) {
    notes.push(
      found.build === true
        ? "No start command was found: the suite builds the Dockerfile. For the process runtime write service.command."
        : "No start command was found: write service.command in squall.yml.",
    );
  } else notes.push(`The service is started as in ${found.command.seenIn}: check service.command.`);
  if (found.requests.length === 0)
    notes.push(
      "No OpenAPI file was found: chaos/requests.jsonl holds one GET. `squall record` writes a real set from traffic.",
    );
  else
    notes.push(
      `chaos/requests.jsonl holds ${found.requests.length} made-up requests: put real ones in their place.`,
    );
  const offered = found.dependencies.filter(({ offer }) => offer.type !== "stub").map(({ name }) => name);
  if (offered.length > 0)
    notes.push(`${offered.join(", ")}: offered as a comment under dependencies, because it must run first.`);
  if (!found.dependencies.some(({ offer }) => offer.type === "stub"))
    notes.push("No model client was found: name what the service calls under dependencies.");
  return notes;
};

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
  const bare: Detected = { dependencies: [], requests: [], notes: found.notes };
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
