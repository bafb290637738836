import { PassThrough } from "node:stream";
import type Dockerode from "dockerode";
import type { LogFile } from "../log-file.ts";

/** The last output may come after the exit is known. */
export const DRAIN_MS = 300;

/** Attaches to the life that comes next, before its start, so that nothing is missed; `drained` settles when it wrote its last. */
export const captureOutput = async (
  container: Dockerode.Container,
  log: LogFile,
): Promise<{ readonly drained: Promise<unknown> }> => {
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  container.modem.demuxStream(stream, stdout, stderr);
  const end = (): void => {
    stdout.destroy();
    stderr.destroy();
  };
  stream.on("error", end);
  stream.once("end", () => {
    stdout.end();
    stderr.end();
  });
  stream.once("close", () => setTimeout(end, DRAIN_MS).unref());
  return { drained: Promise.all([log.capture(stdout, "stdout"), log.capture(stderr, "stderr")]) };
};
