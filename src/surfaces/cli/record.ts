/**
 * Stands in front of a running service and writes down what passes, without secrets: what its clients ask, as a request
 * set; or, with --cassette, what it answers and when, to stand in for it ever after.
 */
import { randomBytes } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeRequestSet } from "../../config/request-set/write.ts";
import { SquallError } from "../../core/errors.ts";
import type { Upstream } from "../../core/sidecar-protocol.ts";
import type { RequestTemplate } from "../../core/workload.ts";
import type { SeenRequest } from "../../sidecar/relay/edge-context.ts";
import { type RunningSidecar, startSidecar } from "../../sidecar/sidecar.ts";
import { interruptible } from "../gate/interrupt.ts";

export interface RecordArguments {
  readonly port: string;
  readonly write: string;
  readonly requests?: string;
  readonly redact?: readonly string[];
  readonly cassette?: string;
}

const EDGE = "recorded";
const LONGEST_DRAIN_MS = 5000;
const DRAIN_POLL_MS = 50;
const MOST_REQUESTS = 20_000;
/** Set anew by the generator for each request, or meaningless there. */
const DROPPED = new Set([
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
  "accept-encoding",
  "expect",
  "upgrade",
  "keep-alive",
]);

const wholeNumber = (text: string, what: string, most: number): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new SquallError("argument-invalid", `${what} ${text} is not a whole number from 0 to ${most}.`);
};

const checkedUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return text;
  throw new SquallError("argument-invalid", `${text} is not the URL of a service.`, {
    remedy: "Write it in full, such as http://127.0.0.1:8000.",
  });
};

/** Only text can stand in a JSONL file. */
const bodyText = (body: Buffer): string | null => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return null;
  }
};

const asTemplate = (request: SeenRequest, number: number, firstMs: number): RequestTemplate | null => {
  const body = bodyText(request.body);
  if (body === null) return null;
  const headers = request.headers
    .map(({ name, value }): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => !DROPPED.has(name));
  return {
    id: `r${number}`,
    method: request.method,
    path: request.path,
    headers: Object.fromEntries(headers),
    ...(body === "" ? {} : { body }),
    weight: 1,
    atMs: Math.round(request.atMs - firstMs),
    expect: {},
    stream: "auto",
  };
};

interface Recording {
  readonly keep: (request: SeenRequest) => void;
  readonly seen: readonly RequestTemplate[];
  /** Requests left out because their body is no text. */
  binary(): number;
  readonly enough: Promise<void>;
}

const startRecording = (most: number): Recording => {
  const seen: RequestTemplate[] = [];
  let binary = 0;
  let firstMs: number | null = null;
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const keep = (request: SeenRequest): void => {
    if (seen.length + binary >= most) return;
    firstMs ??= request.atMs;
    const template = asTemplate(request, seen.length + 1, firstMs);
    if (template === null) binary++;
    else seen.push(template);
    if (seen.length + binary >= most) resolve();
  };
  return { keep, seen, binary: () => binary, enough };
};

/** Resolves when the user interrupts, or enough has come and been answered. */
const untilDone = async (
  sidecar: RunningSidecar,
  enough: Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const interrupted = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  await Promise.race([enough, interrupted]);
  // The last request still waits for its answer: its client must not be cut off.
  for (let waitedMs = 0; sidecar.open() > 0 && waitedMs < LONGEST_DRAIN_MS; waitedMs += DRAIN_POLL_MS)
    await sleep(DRAIN_POLL_MS);
};

/** Records until interrupted, or until the wished number of requests has come. */
export const record = async (url: string, options: RecordArguments): Promise<number> => {
  const port = wholeNumber(options.port, "--port", 65_535);
  const most =
    options.requests === undefined
      ? MOST_REQUESTS
      : wholeNumber(options.requests, "--requests", MOST_REQUESTS);
  const redact = options.redact ?? [];
  const service = checkedUrl(url);
  const upstream: Upstream =
    options.cassette === undefined
      ? { type: "url", url: service }
      : { type: "cassette", mode: "record", file: path.resolve(options.cassette), url: service };
  const recording = startRecording(most);
  using interruption = interruptible();
  const sidecar = await startSidecar(
    {
      token: randomBytes(24).toString("base64url"),
      controlHost: "127.0.0.1",
      controlPort: 0,
      edges: [{ name: EDGE, protocol: "http", host: "127.0.0.1", port, upstream }],
      redact,
      exitWithParent: false,
    },
    recording.keep,
  );
  process.stderr.write(
    `recording: send requests to http://127.0.0.1:${sidecar.ready.ports[EDGE] ?? port} (Ctrl-C ends it)\n`,
  );
  await untilDone(sidecar, recording.enough, interruption.signal);
  await sidecar.close();
  const { seen } = recording;
  if (seen.length + recording.binary() === 0) {
    throw new SquallError("argument-invalid", "No request came: nothing was recorded.", {
      remedy: "Send requests to the port that was printed, not to the service itself.",
    });
  }
  if (options.cassette !== undefined) {
    process.stdout.write(
      `wrote the answers to ${seen.length + recording.binary()} requests to ${options.cassette}\n`,
    );
    return 0;
  }
  await writeFile(`${options.write}.part`, writeRequestSet(seen, redact));
  await rename(`${options.write}.part`, options.write);
  const left = recording.binary() === 0 ? "" : `; ${recording.binary()} with a binary body left out`;
  process.stdout.write(`wrote ${seen.length} requests to ${options.write}${left}\n`);
  return 0;
};
