import type { Detected } from "./detect.ts";
import type { FoundCompose, FoundDependency } from "./findings.ts";

/** A YAML scalar: plain where it is harmless, else in double quotes (JSON's escapes are YAML's). */
const scalar = (text: string): string =>
  /^[A-Za-z_/][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);

const flowList = (words: readonly string[]): string =>
  `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;

const envLines = (entries: Readonly<Record<string, string>>): string[] =>
  Object.entries(entries).map(([name, value]) => `    ${name}: ${scalar(value)}`);

/** Is it in the suite, or offered as a comment? In containers "this machine" is another one. */
export const isActive = (found: Detected, { offer }: FoundDependency): boolean =>
  offer.type === "stub" ||
  (offer.runs === true && found.compose === undefined && found.command !== undefined);

/** How the service is started, and where it listens. */
const startLines = (found: Detected): string[] => {
  const { compose, command } = found;
  if (compose !== undefined) {
    const [port] = compose.ports;
    return [
      `  # Runtime docker runs this service of the compose file as it is; what is said here stands over it.`,
      `  compose: { file: ${JSON.stringify(compose.file)}, service: ${JSON.stringify(compose.service)} }`,
      ...(compose.ports.length === 1
        ? ["  # port: 8000    # where it listens; left out, the compose file's"]
        : [
            `  port: ${port ?? 8000} # the compose file names ${port === undefined ? "none" : "several"}: check it`,
          ]),
    ];
  }
  const takesPort = command?.words.some((word) => word.includes("{{port}}")) === true;
  const port = takesPort ? undefined : found.port;
  return [
    ...(command === undefined
      ? found.build === true
        ? ["  # No start command was found; the Dockerfile is built (needs runtime docker).", "  build: ."]
        : ["  # No start command was found: write yours.", "  command: node server.js"]
      : [
          `  # From ${command.seenIn}. No shell reads it; a list takes any word as it is.`,
          `  command: ${flowList(command.words)}`,
        ]),
    ...(port !== undefined
      ? [`  port: ${port}`]
      : command === undefined && found.build === true
        ? ["  port: 8000 # the Dockerfile exposes none: write yours"]
        : [
            "  # port: 8000    # where it listens; left out, squall picks a free one and passes it as PORT and {{port}}",
          ]),
  ];
};

/** What has to be in the environment, with what it is for where that is not plain. */
const environmentLines = (found: Detected): string[] => {
  const active = found.dependencies.filter((each) => isActive(found, each));
  const addresses = Object.assign({}, ...active.map((each) => each.env)) as Readonly<Record<string, string>>;
  const needed = found.needed.filter(({ name }) => !Object.hasOwn(addresses, name));
  if (Object.keys(addresses).length + needed.length === 0)
    return [
      '  # env: { LLM_URL: "{{llm}}/v1" }   # {{name}} is the URL at which it must reach that dependency',
    ];
  return [
    "  # {{name}} is the URL at which the service must reach that dependency: the sidecar's.",
    "  env:",
    ...envLines(addresses),
    ...needed.map(({ name, value, seenIn }) => `    ${name}: ${scalar(value)} # read in ${seenIn}`),
  ];
};

const serviceLines = (found: Detected): string[] => [
  "# What is tested. Squall starts it, waits until it is ready, and ends it.",
  "service:",
  ...startLines(found),
  found.ready === undefined
    ? "  # ready: /healthz   # a path that answers 2xx when it is ready; left out, a TCP connection will do"
    : `  ready: ${scalar(found.ready)}`,
  ...environmentLines(found),
];

const offerLines = (found: Detected, dependency: FoundDependency): string[] => {
  const { name, offer, env, seenIn } = dependency;
  switch (offer.type) {
    case "stub":
      return [
        `  # From ${seenIn}: a simulator with seeded times answers instead of the model.`,
        `  ${name}: { stub: ${offer.stub} }`,
      ];
    case "tcp":
    case "http": {
      const url = `${offer.type}://127.0.0.1:${offer.port}`;
      if (isActive(found, dependency))
        return [
          `  # From ${seenIn}. It must run there; with { command: ... } in its place squall starts it.`,
          `  ${name}: { url: ${JSON.stringify(url)} }`,
        ];
      const variables = Object.entries(env).map(([key, value]) => `${key}: ${scalar(value)}`);
      return [
        `  # From ${seenIn}. Start it, take the # away, and add { ${variables.join(", ")} } to the service's env.`,
        `  # ${name}: { url: ${JSON.stringify(url)} }`,
      ];
    }
  }
};

/** Services of the compose file keep their names: that is where the service looks for them. */
const composeLines = ({ file, dependencies }: FoundCompose): string[] => [
  "  # From the compose file, under the names it gives them. The port, where left out, is the compose file's.",
  ...dependencies.map(
    ({ name, protocol, port }) =>
      `  ${name}: { compose: { file: ${JSON.stringify(file)} }, protocol: ${protocol}${port === undefined ? "" : `, port: ${port}`} }`,
  ),
];

const dependencyLines = (found: Detected): string[] => {
  const { dependencies, compose } = found;
  const composed = compose === undefined || compose.dependencies.length === 0 ? [] : composeLines(compose);
  const active = composed.length > 0 || dependencies.some((each) => isActive(found, each));
  const lines = [...composed, ...dependencies.flatMap((each) => offerLines(found, each))];
  return [
    "# What it calls. The sidecar stands on each of these connections.",
    active ? "dependencies:" : "dependencies: {}",
    ...(lines.length === 0
      ? ["  # llm: { stub: openai }", '  # vector: { url: "http://127.0.0.1:6333" }']
      : lines),
  ];
};

const llmExperiments = (name: string): string[] => [
  `  - name: ${name}-rate-limited`,
  `    # One call in five is told to come back in two seconds. A retry that waits shows its worth here.`,
  `    faults: [{ kind: http-error, on: ${name}, status: 429, headers: { retry-after: "2" }, fraction: 20% }]`,
  `  - name: ${name}-slow`,
  `    faults: [{ kind: http-delay, on: ${name}, delay: 1s, fraction: 20% }]`,
  `  - name: ${name}-down`,
  `    # Without a fraction the fault is an outage: every call, every attempt.`,
  `    faults: [{ kind: http-error, on: ${name}, status: 503 }]`,
];

const experimentLines = (found: Detected): string[] => {
  const models = found.dependencies.filter(({ offer }) => offer.type === "stub").map(({ name }) => name);
  return [
    "# What is tried. docs/faults.md lists every kind.",
    "experiments:",
    ...models.flatMap(llmExperiments),
    ...[
      ...(found.compose?.dependencies ?? []),
      ...found.dependencies.filter((each) => each.offer.type !== "stub" && isActive(found, each)),
    ].flatMap(({ name }) => [`  - name: ${name}-refused`, `    faults: [{ kind: refuse, on: ${name} }]`]),
    "  - name: service-killed",
    "    faults: [{ kind: kill, on: service, restartAfter: 1s }]",
    "  - name: overload",
    "    faults: [{ kind: overload, times: 3 }]",
    ...(models.length === 0
      ? [
          "  # - { pack: llm }   # or finance, e-commerce, iot, cloud: ready-made sets, placed on the dependencies above",
        ]
      : [
          "  # - { pack: llm, except: [llm-dead-engine] }   # or finance, e-commerce, iot, cloud: ready-made sets",
        ]),
  ];
};

const markLines = ({ mark }: Detected): string[] =>
  mark === undefined
    ? [
        "  # degraded: { json: { path: source, value: fallback } }   # how the service says that an answer is a fallback",
      ]
    : [
        `  # An answer with this field counts as a fallback (seen in ${mark.seenIn}).`,
        `  degraded: { json: { path: ${scalar(mark.path)}, value: ${typeof mark.value === "boolean" ? mark.value : scalar(mark.value)} } }`,
      ];

/** A first squall.yml, with comments that teach it. */
export const suiteText = (found: Detected): string =>
  [
    "# A first suite, written by `squall init`. `squall validate` checks it; docs/suite.md explains every key.",
    "version: 1",
    "",
    ...serviceLines(found),
    "",
    ...dependencyLines(found),
    "",
    "# What is replayed, and how fast. 20/s over 120 s is enough to see a change of a fifth.",
    "workload:",
    "  requests: chaos/requests.jsonl",
    "  rate: 20/s",
    "  slo: 2s",
    ...markLines(found),
    "",
    ...experimentLines(found),
    "",
    "# When a difference blocks. warn: an inconclusive run passes and says so.",
    "gate: { budget: 120s, onInconclusive: warn }",
    "",
  ].join("\n");
