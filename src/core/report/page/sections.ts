/** The parts of a page, in the order in which they are read. */
import type { SectionOf } from "./input.ts";
import { distributionsSection } from "./sections/distributions.ts";
import { explanationsSection } from "./sections/explanations.ts";
import { findingsSection } from "./sections/findings.ts";
import { frontierPlotsSection } from "./sections/frontiers.ts";
import { historySection } from "./sections/history.ts";
import { jobsSection } from "./sections/jobs.ts";
import { matrixSection } from "./sections/matrix.ts";
import { measuredSection } from "./sections/measured.ts";
import { provenanceSection } from "./sections/provenance.ts";
import { recoverySection } from "./sections/recovery.ts";
import { requestsSection } from "./sections/requests.ts";
import { timelineSection } from "./sections/timeline.ts";

export interface Place {
  readonly make: SectionOf;
  /** Where the page grows too large, 1 goes first; 0 always stays. */
  readonly expendable: number;
}

export const SECTIONS: readonly Place[] = [
  { make: findingsSection, expendable: 0 },
  { make: matrixSection, expendable: 0 },
  { make: timelineSection, expendable: 6 },
  { make: jobsSection, expendable: 6 },
  { make: recoverySection, expendable: 5 },
  { make: distributionsSection, expendable: 3 },
  { make: requestsSection, expendable: 4 },
  { make: frontierPlotsSection, expendable: 5 },
  { make: historySection, expendable: 2 },
  { make: explanationsSection, expendable: 0 },
  { make: measuredSection, expendable: 4 },
  { make: provenanceSection, expendable: 0 },
];
