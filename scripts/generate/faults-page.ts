import { FAULT_KIND_SCHEMAS } from "../../src/config/fault-schema.ts";
import { FAULT_CATALOGUE, FAULT_KINDS, type FaultFamily } from "../../src/core/fault-catalogue.ts";
import { KEY_HEAD, keyRows, NOTICE, table } from "./markdown.ts";
import { resolved, type SchemaNode } from "./suite-json-schema.ts";

const FAMILIES: readonly (readonly [FaultFamily, string, string])[] = [
  ["bytes", "Stream of bytes", "On `client` or a dependency, of any protocol."],
  ["http", "HTTP", "On `client` or a dependency of protocol http."],
  [
    "stream",
    "Model streams",
    "Server-sent events, OpenAI- and Anthropic-shaped. On `client` or a dependency of protocol http.",
  ],
  [
    "process",
    "Processes",
    "On `service` (the default) or a dependency with `command`, `image`, `build` or `compose`. They work by the clock on everything.",
  ],
  ["load", "Load", "What clients do. On `client` (the default)."],
];

const TARGETING = [
  "on",
  "fraction",
  "attempts",
  "match",
  "first",
  "for",
  "engine",
  "forSteps",
  "after",
  "strikes",
] as const;

const flow = (value: unknown): string => {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${flow(each)}`)
      .join(", ")} }`;
  if (Array.isArray(value)) return `[${(value as unknown[]).map(flow).join(", ")}]`;
  return typeof value === "string" && !/^[\w./%-]+$/.test(value)
    ? JSON.stringify(value)
    : `${value as string | number}`;
};

/** docs/faults.md: every kind, its parameters and defaults. */
export const faultsPage = (schema: SchemaNode): string => {
  const fault = resolved({ $ref: "#/$defs/fault" }, schema);
  const members = new Map((fault.oneOf ?? []).map((member) => [member.properties?.["kind"]?.const, member]));
  const [first] = members.values();
  const common = Object.fromEntries(TARGETING.map((key) => [key, first?.properties?.[key] ?? {}]));
  const kinds = FAMILIES.flatMap(([family, title, where]) => [
    `## ${title}`,
    "",
    where,
    "",
    ...FAULT_KINDS.filter((kind) => FAULT_CATALOGUE[kind].family === family).flatMap((kind) => {
      const row = FAULT_CATALOGUE[kind];
      const member = members.get(kind) ?? {};
      // Some kinds have a key of this name that means something else.
      const shared = TARGETING.filter(
        (key) => member.properties?.[key]?.description === common[key]?.description,
      );
      const rows = keyRows(member, ["kind", ...shared]);
      const needsOn = family === "bytes" || family === "http" || family === "stream";
      const { kind: _, ...parameters } = FAULT_KIND_SCHEMAS[kind].example;
      return [
        `### \`${kind}\``,
        "",
        `${row.seenAs.charAt(0).toUpperCase()}${row.seenAs.slice(1)}. ${row.perRequest ? "Strikes chosen requests." : "Works by the clock on everything."} Engines: ${row.engines.join(", ")}.`,
        "",
        "```yaml",
        flow({ kind, ...(needsOn ? { on: "llm" } : {}), ...parameters }),
        "```",
        "",
        ...(rows.length === 0 ? [] : [...table(KEY_HEAD, rows), ""]),
      ];
    }),
  ]);
  return [
    NOTICE,
    "# Faults",
    "",
    "Every fault takes these keys beside its own. Fractions are exact: a seeded shuffle marks that share of every block of requests, the same in base and head.",
    "",
    ...table(KEY_HEAD, keyRows({ properties: common })),
    "",
    ...kinds,
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
};
