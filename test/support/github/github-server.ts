/** The stand-in as tests see it. */
import type { Fault, FaultMatch } from "./faults.ts";
import type { GraphqlHandler } from "./graphql.ts";
import type { Repo } from "./repository.ts";
import type { Level } from "./tokens.ts";

export interface RecordedRequest {
  readonly method: string;
  /** Without the API's base path and query, as it was sent. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** As sent; null without an Authorization header. */
  readonly token: string | null;
  /** By the wall clock. */
  readonly atMs: number;
  /** GitHub's name of the operation, "graphql", "blob" (an artifact's zip), or null where there is none. */
  readonly operation: string | null;
  /** 0 until answered, and where the connection was dropped. */
  status: number;
}

export interface GitHubOptions {
  readonly owner?: string;
  readonly repo?: string;
  readonly defaultBranch?: string;
  readonly private?: boolean;
  readonly kind?: "github" | "gitea";
}

export interface TokenOptions {
  /** Default `github-actions[bot]`, whose token is an installation's. */
  readonly login?: string;
  /** As in a workflow (`pull-requests: write`): what is not named is none. Left out: everything. */
  readonly permissions?: Readonly<Record<string, Level>>;
}

export interface GitHubServer extends AsyncDisposable {
  readonly apiUrl: string;
  readonly owner: string;
  readonly repo: string;
  readonly repository: Repo;
  readonly requests: readonly RecordedRequest[];
  readonly violations: readonly string[];
  token(options?: TokenOptions): string;
  /** The next `times` (default 1) requests that match answer so instead. */
  fail(match: FaultMatch, fault: Fault, times?: number): void;
  /** Called before each request is served; await in it to order racing requests. */
  before(hook: (request: RecordedRequest) => Promise<void> | void): void;
  /** What answers POST /graphql; without one only `viewer { login }` is known. */
  graphql(handler: GraphqlHandler): void;
  /** Takes the violations out, for tests that provoke them. */
  forgiveViolations(): readonly string[];
}
