/** What a training job needs of a runtime beyond what a service needs (run/ports.ts). */
import type { ProcessExit } from "../ports.ts";

/** One line of a process's output, secrets struck out, control codes still in it. */
export interface OutputLine {
  /** `service` (the first worker), `service-2`, or a dependency's name. */
  readonly name: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** Epoch ms at which it was read. */
  readonly atMs: number;
}

/** Told as it happens: faults follow a job's progress. */
export interface JobWatcher {
  readonly onLine: (line: OutputLine) => void;
  readonly onExit: (exit: ProcessExit) => void;
}

/**
 * The workers of a job. A runtime that starts a suite with a `job` starts all but them: dependencies and sidecar, ready, and two
 * directories that are empty. Faults on workers go through `ProcessControl` with target `service` (`service-N`); a killed worker stays
 * dead until it is started again.
 */
export interface JobControl {
  readonly workers: number;
  /** Starts a worker that does not run; resolves when the system has started it. @throws SquallError `service-start-failed` */
  start(worker: number): Promise<void>;
  /** SIGTERM, then SIGKILL after a grace; resolves when all of its processes are gone. Its exit is told with `injected: true`. */
  end(worker: number): Promise<void>;
  /** Empties the disk of a worker that does not run and gives it a new machine: what it comes back with is its checkpoints alone. */
  replaceNode(worker: number): Promise<void>;
  /**
   * A file of the first worker's, read whole, of at most 16 MiB (its end, where it is longer); null: it is not there (yet).
   *
   * @param path relative to the directory; never leaves it
   */
  readFile(directory: "checkpoints" | "disk", path: string): Promise<string | null>;
  /** Base URL of the first worker's own port, for its metrics. */
  readonly metricsUrl: string;
  /** Processes of workers that were started, have ended, and left others behind; counted now. */
  orphans(): Promise<number>;
}
