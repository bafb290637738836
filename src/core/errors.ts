/**
 * Everything squall itself may stop with. A code is for machines and for docs/troubleshooting; cause and remedy are for
 * people. `exit` is the process's exit code: 2 configuration, 3 could not measure.
 */
export const SQUALL_ERROR_CODES = [
  "suite-invalid",
  "suite-not-found",
  "request-set-invalid",
  "baseline-invalid",
  "result-invalid",
  "cassette-invalid",
  "argument-invalid",
  "fault-unsupported",
  "engine-unavailable",
  "image-unavailable",
  "build-failed",
  "service-start-failed",
  "service-not-ready",
  "service-unhealthy",
  "dependency-start-failed",
  "sidecar-failed",
  "fault-not-cleared",
  "replay-failed",
  /** The forge said no: a missing permission, or something that is not there. */
  "api-refused",
  /** The forge could not be reached, or failed. */
  "api-failed",
  "event-unsupported",
  "artifact-invalid",
  "write-failed",
  "interrupted",
  "internal",
] as const;
export type SquallErrorCode = (typeof SQUALL_ERROR_CODES)[number];

export interface SquallErrorDetails {
  /** Where: file:line:column, an edge, a process. */
  readonly place?: string;
  /** What to do now, as an imperative sentence. */
  readonly remedy?: string;
  /** Further lines a person needs, such as the last lines of a log. */
  readonly detail?: readonly string[];
  readonly cause?: unknown;
}

const CONFIGURATION: ReadonlySet<SquallErrorCode> = new Set<SquallErrorCode>([
  "suite-invalid",
  "suite-not-found",
  "request-set-invalid",
  "baseline-invalid",
  "result-invalid",
  "cassette-invalid",
  "argument-invalid",
  "fault-unsupported",
  "event-unsupported",
]);

export class SquallError extends Error {
  override readonly name = "SquallError";
  readonly code: SquallErrorCode;
  readonly place: string | undefined;
  readonly remedy: string | undefined;
  readonly detail: readonly string[];

  constructor(code: SquallErrorCode, message: string, details: SquallErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.place = details.place;
    this.remedy = details.remedy;
    this.detail = details.detail ?? [];
  }

  /** Exit code of the command that stops with this error. */
  get exitCode(): 2 | 3 {
    return CONFIGURATION.has(this.code) ? 2 : 3;
  }
}
