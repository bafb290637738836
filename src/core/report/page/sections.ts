/** The parts of a page, in the order in which they are read. */
import type { SectionOf } from "./input.ts";
import { explanationsSection } from "./sections/explanations.ts";
import { findingsSection } from "./sections/findings.ts";
import { matrixSection } from "./sections/matrix.ts";
import { measuredSection } from "./sections/measured.ts";
import { provenanceSection } from "./sections/provenance.ts";

export interface Place {
  readonly make: SectionOf;
  /** Where the page grows too large, 1 goes first; 0 always stays. */
  readonly expendable: number;
}

export const SECTIONS: readonly Place[] = [
  { make: findingsSection, expendable: 0 },
  { make: matrixSection, expendable: 0 },
  { make: explanationsSection, expendable: 0 },
  { make: measuredSection, expendable: 4 },
  { make: provenanceSection, expendable: 0 },
];
