import { SUITE_DEFAULTS } from "../../src/config/suite-defaults.ts";
import { KEY_HEAD, keyRows, NOTICE, table } from "./markdown.ts";
import { resolved, type SchemaNode } from "./suite-json-schema.ts";

/** A map, also where a text may stand instead, or as an entry of a list. */
const mapIn = (node: SchemaNode, root: SchemaNode): SchemaNode | undefined => {
  const inner = resolved(node, root);
  if (inner.properties !== undefined) return inner;
  const member = inner.anyOf
    ?.map((each) => resolved(each, root))
    .find((each) => each.properties !== undefined);
  return member === undefined ? undefined : { ...member, description: inner.description ?? "" };
};

/** A section for a map and for every map inside it. */
const section = (title: string, node: SchemaNode, root: SchemaNode): string[] => {
  const lines = [
    `## \`${title}\``,
    "",
    `${node.description ?? ""}.`,
    "",
    ...table(KEY_HEAD, keyRows(node)),
    "",
  ];
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const inner = mapIn(child, root);
    if (inner !== undefined) lines.push(...section(`${title}.${name}`, inner, root));
    const entry = mapIn(resolved(child, root).items ?? {}, root);
    if (entry !== undefined && (name === "files" || name === "signals"))
      lines.push(...section(`${title}.${name}[]`, entry, root));
  }
  return lines;
};

const stubDefaults = (): string[] =>
  table(
    ["key of a stub", "default"],
    Object.entries(SUITE_DEFAULTS.stub).map(([key, value]) => [`\`${key}\``, `\`${value}\``]),
  );

/** docs/suite.md: every key of squall.yml. */
export const suitePage = (schema: SchemaNode): string => {
  const part = (name: string): SchemaNode => resolved(schema.properties?.[name] ?? {}, schema);
  const dependencies = part("dependencies").additionalProperties;
  const experiments = part("experiments").items ?? {};
  return [
    NOTICE,
    "# squall.yml",
    "",
    "Paths are relative to the suite file. Durations, rates, sizes and shares carry units: a bare number where a unit is needed is an error.",
    "`{{name}}` in `command` and `env` is the URL at which a dependency must be reached (the sidecar's; `host:port` for protocol tcp), `{{port}}` the port to listen on.",
    "In a training job `{{rank}}` (from 0) and `{{workers}}` are numbers, `{{checkpoints}}` and `{{disk}}` absolute directories that are empty when a run begins: see [jobs.md](jobs.md).",
    "For editors, begin the file with `# yaml-language-server: $schema=<path to docs/schema/squall.schema.json>`.",
    "",
    ...table(
      ["quantity", "examples"],
      [
        ["duration", "`300ms`, `2s`, `1.5m`, `1h`"],
        ["rate", "`30/s`, `600/min`"],
        ["size", "`512MiB` (1024s), `64KB` (1000s), `100B`"],
        ["byte rate", "`100KB/s`, `2MiB/s`"],
        ["share", "`20%`, `0.2`"],
        ["points", "`1pt`, `0.5pt`"],
        ["margin", "`10% and 10ms`: a change counts beyond both parts"],
        ["hypothesis", "`<= 5s`, `<= 2%`, `>= 95%`"],
      ],
    ),
    "",
    "## Top level",
    "",
    ...table(KEY_HEAD, keyRows(schema)),
    "",
    ...section("docker", part("docker"), schema),
    ...section("toxiproxy", part("toxiproxy"), schema),
    ...section("service", part("service"), schema),
    ...(typeof dependencies === "object"
      ? section("dependencies.<name>", resolved(dependencies, schema), schema)
      : []),
    ...stubDefaults(),
    "",
    ...section("workload", part("workload"), schema),
    ...section("experiments[]", resolved(experiments, schema), schema),
    "Faults are described in [faults.md](faults.md), packs in [packs.md](packs.md), training jobs in [jobs.md](jobs.md).",
    "",
    ...section("gate", part("gate"), schema),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
};
