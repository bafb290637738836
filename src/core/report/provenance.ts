/** Where and when base and head were measured, and how it is decided: words that the comment and the page lay out in their own ways. */
import type { Fingerprint, Provenance } from "../profile.ts";
import type { Result } from "../verdict.ts";
import { formatCount } from "./format.ts";
import { methodSentence, provenanceLabel } from "./trust.ts";

/** How the figures were compared, and what decides. */
export const howDecided = (result: Result): string =>
  `${methodSentence(result)} A change counts when it exceeds what is allowed with confidence, corrected for all comparisons together (Holm, 5 %). A pass needs every primary comparison bounded.`;

const machine = ({ cpuModel, cpus, arch, platform, memoryBytes }: Fingerprint): string =>
  `${cpuModel}, ${formatCount(cpus)} cores, ${Math.round(memoryBytes / 1024 ** 3)} GiB, ${platform} ${arch}`;

/** "2026-03-01 12:00 UTC". */
const minute = (iso: string): string =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$/.test(iso) ? `${iso.slice(0, 16).replace("T", " ")} UTC` : iso;

const whence = (provenance: Provenance, fingerprint: Fingerprint): readonly string[] => [
  provenanceLabel(provenance),
  minute(provenance.startedAt),
  machine(fingerprint),
  `${fingerprint.runtime}, node ${fingerprint.node}`,
  provenance.tool,
];

const NAMES = ["Measured", "On", "Machine", "Runtime", "By"] as const;

/** Plain text; the first column names the rows. */
export const provenanceTable = ({
  head,
  baseline,
}: Result): { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } => {
  const sides = [
    ...(baseline === null ? [] : [whence(baseline.newest, baseline.fingerprint)]),
    whence(head.provenance, head.fingerprint),
  ];
  return {
    columns: ["", ...(baseline === null ? [] : ["Base (newest run)"]), "Head"],
    rows: NAMES.map((name, place) => [name, ...sides.map((side) => side[place] ?? "")]),
  };
};
