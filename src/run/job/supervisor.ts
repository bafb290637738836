/**
 * The scheduler of a job's workers, as a platform's would be: starts them, restarts what dies or hangs by the restart policy, gives up.
 *
 *   idle -start-> running -exit 0-> done
 *                 running -any other exit-> (others ended, scope job) -> back-off -> idle
 *   over: all done | restart limit (of what died by itself or hung) | timeout | interrupted
 */
import { SquallError } from "../../core/errors.ts";
import { type KillSignal, SURVIVABLE_SIGNALS } from "../../core/fault.ts";
import type { JobAttempt, JobOutcome } from "../../core/job/run.ts";
import type { RestartPolicy } from "../../core/job/workload.ts";
import { processName } from "../../core/process-name.ts";
import type { ProcessControl, ProcessExit } from "../ports.ts";
import type { Clock } from "./clock.ts";
import type { JobControl } from "./job-ports.ts";
import { StallWatch } from "./stall-watch.ts";
import { isOpen, newWorker, type OpenAttempt, type Worker } from "./worker.ts";

export interface SupervisorOptions {
  readonly job: JobControl;
  readonly processes: Pick<ProcessControl, "kill">;
  readonly policy: RestartPolicy;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Was its last step logged? A worker that a fault's signal ended with exit code 0 is done only then. */
  readonly isAtEnd: () => boolean;
}

export interface KillOrder {
  readonly signal: KillSignal;
  /** From the kill to the restart, at the least. */
  readonly restartAfterMs: number;
  /** It comes back on another machine. */
  readonly replaceNode: boolean;
}

/** How long an exit may be told after the worker was ended. */
const EXIT_GRACE_MS = 2000;
/** What platforms give a process between SIGTERM and SIGKILL. */
const KILL_GRACE_MS = 30_000;
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #workers: readonly Worker[];
  readonly #attempts: OpenAttempt[] = [];
  readonly #timers = new Set<() => void>();
  readonly #outcome = Promise.withResolvers<JobOutcome>();
  readonly #stall: StallWatch;
  #restarts = 0;
  /** Scope job: all are being ended, to be started again. */
  #restarting = false;
  #over = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#workers = Array.from({ length: options.job.workers }, (_, index) => newWorker(index));
    this.#stall = new StallWatch(options.clock, options.policy.stallMs, () => this.#hangs());
  }

  /** In the order in which they were started; times epoch ms. */
  get attempts(): readonly JobAttempt[] {
    return this.#attempts;
  }

  /**
   * Starts all workers; resolves when the run is over and none of them runs.
   *
   * @throws SquallError `service-start-failed`, `interrupted`; none of them runs then either
   */
  async run(): Promise<JobOutcome> {
    const { signal, timeoutMs } = this.#options;
    const interrupt = (): void =>
      this.#fail(new SquallError("interrupted", "The run was interrupted while a job was measured."));
    signal.addEventListener("abort", interrupt);
    try {
      this.#after(timeoutMs, () => this.#finish("timed-out"));
      if (signal.aborted) interrupt();
      else this.#startAll();
      return await this.#outcome.promise;
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  }

  /** To be told of every exit of a process. */
  exited(exit: ProcessExit): void {
    const worker = this.#workers.find(({ index }) => processName(index) === exit.name);
    if (worker?.attempt == null || !isOpen(worker)) return;
    const { attempt, ending } = worker;
    attempt.endedAtMs = exit.atMs;
    attempt.exitCode = exit.exitCode;
    attempt.signal = exit.signal;
    attempt.end = exit.injected ? (ending ?? "own") : "own";
    worker.exited.resolve();
    if (worker.index === 0) this.#stall.stop();
    if (this.#over) return;
    worker.done =
      attempt.exitCode === 0 &&
      (attempt.end === "own" || (attempt.end === "fault" && this.#options.isAtEnd()));
    if (this.#restarting) this.#holdBack(worker);
    else if (!worker.done) this.#restart(worker);
    else if (this.#workers.every(({ done }) => done)) this.#finish("completed");
  }

  /** A step of the first worker was logged. */
  stepped(): void {
    this.#stall.sign();
  }

  /** While paused nobody takes standing still for hanging. */
  paused(by: 1 | -1): void {
    this.#stall.pause(by);
  }

  /**
   * Kills a worker as a fault does; it is restarted by the policy. Resolves when it is gone, or took a signal that it lives on with.
   *
   * @returns false where it did not run: nothing was struck
   */
  async kill(index: number, { signal, restartAfterMs, replaceNode }: KillOrder): Promise<boolean> {
    const worker = this.#workers[index % this.#workers.length];
    if (worker === undefined) return false;
    await worker.started.catch(() => undefined);
    const { attempt } = worker;
    if (this.#over || attempt === null || !isOpen(worker) || worker.ending !== null) return false;
    worker.ending = "fault";
    worker.notBeforeMs = this.#options.clock.now() + restartAfterMs;
    worker.replaceNode = replaceNode;
    await this.#options.processes.kill(processName(worker.index), signal, worker.index);
    if (worker.attempt !== attempt || !isOpen(worker)) return true;
    if (SURVIVABLE_SIGNALS.has(signal)) {
      worker.ending = null;
      worker.notBeforeMs = 0;
      worker.replaceNode = false;
      return true;
    }
    // It may be saving what it has; a platform gives it a grace, and then no more.
    this.#after(KILL_GRACE_MS, () => {
      if (worker.attempt === attempt && isOpen(worker)) this.#track(this.#end(worker, "fault"));
    });
    return true;
  }

  #startAll(): void {
    for (const worker of this.#workers) this.#track(this.#start(worker));
  }

  async #start(worker: Worker): Promise<void> {
    const { job, clock } = this.#options;
    // One that died at once may be told of before its start is.
    await worker.started.catch(() => undefined);
    if (this.#over) return;
    if (worker.replaceNode) await job.replaceNode(worker.index);
    if (this.#over) return;
    worker.replaceNode = false;
    worker.notBeforeMs = 0;
    worker.done = false;
    worker.ending = null;
    worker.exited = Promise.withResolvers<void>();
    worker.attempt = {
      worker: worker.index,
      startedAtMs: clock.now(),
      endedAtMs: null,
      exitCode: null,
      signal: null,
      end: "own",
    };
    this.#attempts.push(worker.attempt);
    if (worker.index === 0) this.#stall.begin();
    worker.started = job.start(worker.index);
    try {
      await worker.started;
    } catch (error) {
      // It never ran: what is in the record ran.
      this.#attempts.splice(this.#attempts.indexOf(worker.attempt), 1);
      worker.attempt = null;
      throw error;
    }
  }

  /** Counts a restart and does it after its back-off. One that we killed has failed at nothing: it does not count, and waits no longer for it. */
  #restart(died: Worker): void {
    const { policy, clock } = this.#options;
    const byFault = died.attempt?.end === "fault";
    if (!byFault && ++this.#restarts > policy.limit) return this.#finish("gave-up");
    const doublings = byFault ? 0 : this.#restarts - 1;
    this.#holdBack(died, Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** doublings));
    if (policy.scope === "worker") {
      this.#after(died.notBeforeMs - clock.now(), () => this.#track(this.#start(died)));
      return;
    }
    this.#restarting = true;
    this.#track(this.#restartAll());
  }

  /** So long after its end, and what a fault wants besides. */
  #holdBack(worker: Worker, backoffMs = 0): void {
    worker.notBeforeMs = Math.max(worker.notBeforeMs, (worker.attempt?.endedAtMs ?? 0) + backoffMs);
  }

  async #restartAll(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.#end(worker, "scheduler")));
    if (this.#over) return;
    const fromMs = Math.max(...this.#workers.map(({ notBeforeMs }) => notBeforeMs));
    this.#after(fromMs - this.#options.clock.now(), () => {
      this.#restarting = false;
      this.#startAll();
    });
  }

  /** The first worker alone is seen to hang; in scope job its end is everyone's. */
  #hangs(): void {
    const [first] = this.#workers;
    if (first !== undefined && !this.#over && !this.#restarting) this.#track(this.#end(first, "scheduler"));
  }

  /** Ends what runs of it; resolves when its exit was told. */
  async #end(worker: Worker, why: JobAttempt["end"]): Promise<void> {
    await worker.started.catch(() => undefined);
    if (!isOpen(worker)) return;
    // What a fault has begun stays the fault's.
    worker.ending ??= why;
    await this.#options.job.end(worker.index);
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(EXIT_GRACE_MS, late.resolve);
    await Promise.race([worker.exited.promise, late.promise]);
    cancel();
    const atMs = this.#options.clock.now();
    this.exited({ name: processName(worker.index), atMs, exitCode: null, signal: null, injected: true });
  }

  /** The run is over: nothing is started any more, and what runs is ended. */
  #finish(outcome: JobOutcome): void {
    if (this.#over) return;
    this.#close();
    this.#settle(this.#endAll(), () => this.#outcome.resolve(outcome));
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#close();
    this.#settle(this.#endAll(), () => this.#outcome.reject(error));
  }

  /** Settles the outcome when the workers are ended; where that fails, with why. */
  #settle(ended: Promise<void>, settle: () => void): void {
    ended.then(settle, this.#outcome.reject);
  }

  #close(): void {
    this.#over = true;
    this.#stall.stop();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  async #endAll(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.#end(worker, "run-end")));
  }

  /** What goes wrong in the background ends the run. */
  #track(work: Promise<void>): void {
    work.catch((error: unknown) => this.#fail(error));
  }

  #after(ms: number, then: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      then();
    });
    this.#timers.add(cancel);
  }
}
