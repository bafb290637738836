/** Entry of the replay thread: takes commands from start-load.ts, one window at a time. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { SquallError } from "../../core/errors.ts";
import { calmPass, Prober } from "./one-by-one.ts";
import type { Command, FromThread, ThreadData, ThrownError, ToThread } from "./protocol.ts";
import { replayWindow } from "./replay-window.ts";
import { Session } from "./session.ts";

const thrown = (error: unknown): ThrownError => {
  if (!(error instanceof SquallError)) {
    return {
      code: "replay-failed",
      message: error instanceof Error ? error.message : String(error),
      detail: [],
    };
  }
  return {
    code: error.code,
    message: error.message,
    detail: error.detail,
    ...(error.place === undefined ? {} : { place: error.place }),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  };
};

const perform = async (
  session: Session,
  prober: Prober,
  command: Command,
  signal: AbortSignal,
  counters: Int32Array,
): Promise<FromThread> => {
  const { call } = command;
  switch (command.type) {
    case "calm-pass":
      return { type: "calm-pass-done", call, observations: await calmPass(session, signal) };
    case "run":
      return {
        type: "run-done",
        call,
        result: await replayWindow(session, command.window, signal, counters),
      };
    case "probe":
      return {
        type: "probe-done",
        call,
        goodAtMs: await prober.untilGood(command.timeoutMs, command.intervalMs, signal),
      };
  }
};

const serve = (port: MessagePort, session: Session, counters: Int32Array): void => {
  const prober = new Prober(session);
  const calls = new Map<number, AbortController>();
  const take = async (command: Command): Promise<void> => {
    const controller = new AbortController();
    calls.set(command.call, controller);
    try {
      const answer = await perform(session, prober, command, controller.signal, counters);
      port.postMessage(controller.signal.aborted ? { type: "cancelled", call: command.call } : answer);
    } catch (error) {
      port.postMessage({ type: "failed", call: command.call, error: thrown(error) } satisfies FromThread);
    } finally {
      calls.delete(command.call);
    }
  };
  port.on("message", (message: ToThread) => {
    if (message.type === "close") {
      for (const controller of calls.values()) controller.abort();
      session[Symbol.dispose]();
      port.close();
    } else if (message.type === "cancel") calls.get(message.call)?.abort();
    else void take(message);
  });
};

const main = (port: MessagePort, data: ThreadData): void => {
  try {
    serve(port, new Session(data.start, data.target), new Int32Array(data.counters));
    port.postMessage({ type: "ready" } satisfies FromThread);
  } catch (error) {
    port.postMessage({ type: "failed", call: null, error: thrown(error) } satisfies FromThread);
  }
};

if (parentPort !== null) main(parentPort, workerData as ThreadData);
