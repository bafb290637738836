/** What the stand-in remembers besides git objects. */

export interface Pull {
  readonly number: number;
  state: "open" | "closed";
  draft: boolean;
  title: string;
  body: string | null;
  readonly author: string;
  readonly base: { readonly branch: string };
  /** Branch in the repository `owner/name`; null where a fork was deleted. */
  readonly head: { readonly branch: string; readonly repository: string | null };
  headSha: string;
  baseSha: string;
  mergeSha: string | null;
  readonly createdAt: string;
  updatedAt: string;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly login: string;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
}

export interface LabelEvent {
  readonly id: number;
  readonly issue: number;
  readonly event: "labeled" | "unlabeled";
  readonly label: string;
  readonly actor: string;
  readonly createdAt: string;
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: "error" | "failure" | "pending" | "success";
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: string;
  readonly createdAt: string;
}

export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
}

export interface CheckRun {
  readonly id: number;
  readonly sha: string;
  name: string;
  externalId: string;
  status: string;
  conclusion: string | null;
  detailsUrl: string | null;
  startedAt: string | null;
  completedAt: string | null;
  output: { readonly title: string | null; readonly summary: string | null; readonly text: string | null };
  readonly annotations: Annotation[];
}

export interface WorkflowRun {
  readonly id: number;
  readonly event: string;
  readonly headBranch: string | null;
  readonly headSha: string;
  /** "owner/name"; null where the fork was deleted. */
  readonly headRepository: string | null;
  readonly status: string;
  readonly conclusion: string | null;
  readonly attempt: number;
  readonly path: string;
}

export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly zip: Buffer;
  readonly run: number | null;
  readonly createdAt: string;
  readonly expired: boolean;
  /** What the list says of its size. Left out: the truth. */
  readonly saidBytes?: number;
  /** "sha256:<hex>". Left out: the truth; null: the server tells none. */
  readonly digest?: string | null;
}

export type Role = "admin" | "maintain" | "write" | "triage" | "read" | "none";
