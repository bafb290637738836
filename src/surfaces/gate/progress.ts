import { createLogUpdate } from "log-update";
import type { OnProgress, ProgressEvent } from "../../run/ports.ts";

export interface Progress extends Disposable {
  readonly on: OnProgress;
}

const left = (leftMs: number | undefined): string =>
  leftMs === undefined ? "" : `, ${Math.ceil(leftMs / 1000)} s of load left`;

const counts = (event: ProgressEvent): string =>
  event.requests === undefined ? "" : `, ${event.requests} requests, ${event.errors ?? 0} failed`;

const place = (event: ProgressEvent): string =>
  event.windows === undefined ? "" : `window ${event.window ?? 0}/${event.windows}: `;

const line = (event: ProgressEvent): string =>
  `${place(event)}${event.text}${counts(event)}${left(event.leftMs)}`;

/** One line that is rewritten, for people who watch. */
const liveProgress = (stream: NodeJS.WriteStream): Progress => {
  const update = createLogUpdate(stream);
  return {
    on: (event) => update(`  ${line(event)}`),
    [Symbol.dispose]: () => update.clear(),
  };
};

/** Plain lines, one per phase and scenario, for logs. */
const plainProgress = (stream: NodeJS.WriteStream): Progress => {
  let last = "";
  return {
    on: (event) => {
      const key = `${event.phase}/${event.text}`;
      if (key === last) return;
      last = key;
      stream.write(`${line(event)}\n`);
    },
    [Symbol.dispose]: () => undefined,
  };
};

/**
 * Progress goes to standard error: standard output is for the answer.
 *
 * Some runners give their steps a terminal (nektos/act does) and keep every line that is rewritten: in a CI nobody watches.
 */
export const startProgress = (
  quiet: boolean,
  stream: NodeJS.WriteStream = process.stderr,
  inCi = (process.env["CI"] ?? "") !== "",
): Progress => {
  if (quiet) return { on: () => undefined, [Symbol.dispose]: () => undefined };
  return stream.isTTY && !inCi ? liveProgress(stream) : plainProgress(stream);
};
