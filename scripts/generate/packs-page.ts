import { memberName, PACKS } from "../../src/config/packs/expand.ts";
import { PACK_NAMES } from "../../src/config/packs/names.ts";
import type { PackMember, PackTarget } from "../../src/config/packs/pack.ts";
import { NOTICE, table } from "./markdown.ts";

const placeOf = ({ roles, once }: PackMember): string => {
  if (roles === undefined) return "the service or its clients";
  const words = roles
    .map((role) => (role === "any" ? "any other dependency but a model" : `a ${role}`))
    .join(", else ");
  return once === true ? `clients; needs ${words}` : words;
};

const SAMPLE: PackTarget = { name: "name", tcp: false, process: true };

const NEEDS = {
  http: "HTTP",
  process: "a process squall starts",
  container: "runtime docker or kubernetes",
} as const;

/** docs/packs.md: what each pack holds, and where it is placed. */
export const packsPage = (): string =>
  [
    NOTICE,
    "# Packs",
    "",
    "`- { pack: llm }` among the experiments puts a ready-made set there; `only` and `except` choose from it by name.",
    "A member is placed on every dependency that has its role: a stub is a model, the rest goes by name (`db`, `postgres`, `redis`, `qdrant`, `queue` and the like).",
    "What does not apply is left out, with a warning that says why.",
    "",
    ...PACK_NAMES.flatMap((pack) => [
      `## ${pack}`,
      "",
      ...table(
        ["experiment", "what happens", "fault", "placed on", "needs"],
        PACKS[pack].map((member) => [
          `\`${memberName(pack, member)}\``,
          member.why,
          member
            .faults(SAMPLE, { rateRps: 20, replicas: 1 })
            .map(({ kind }) => `\`${kind}\``)
            .join(", "),
          placeOf(member),
          member.needs === undefined ? "" : NEEDS[member.needs],
        ]),
      ),
      "",
    ]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
