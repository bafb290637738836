/**
 * What a fault of squall's is on a Toxiproxy. Pure.
 *
 * The server draws per connection and direction, and again whenever any toxic changes, and takes no seed (its -seed does
 * nothing): it can not strike chosen requests. So everything here is for all connections, with toxicity 1.
 */
import type { ByteFault, Direction, Fault, Targeting } from "../../../core/fault.ts";
import { FAULT_CATALOGUE } from "../../../core/fault-catalogue.ts";
import type { Toxic, ToxicStream } from "./client.ts";

/** A toxic without its name. */
export type ToxicKind = Omit<Toxic, "name" | "toxicity">;

export interface Translated {
  readonly ok: true;
  readonly toxics: readonly ToxicKind[];
  /** The proxy itself is switched off: the kernel refuses. */
  readonly refuses: boolean;
  /** Connections that stand already must be broken, when it begins and when it ends. */
  readonly onFreshConnections: boolean;
}

export interface Untranslatable {
  readonly ok: false;
  readonly reason: string;
}

const STREAMS: Readonly<Record<Direction, readonly ToxicStream[]>> = {
  upstream: ["upstream"],
  downstream: ["downstream"],
  both: ["upstream", "downstream"],
};

const no = (reason: string): Untranslatable => ({ ok: false, reason });

const toxics = (
  type: string,
  direction: Direction,
  attributes: Readonly<Record<string, number>>,
  onFreshConnections = false,
): Translated => ({
  ok: true,
  toxics: STREAMS[direction].map((stream) => ({ type, stream, attributes })),
  refuses: false,
  onFreshConnections,
});

const BYTES_PER_KILOBYTE = 1000;
const MICROSECONDS_PER_MS = 1000;

const wholeMs = (name: string, ms: number): string | null =>
  Number.isInteger(ms) ? null : `Toxiproxy takes whole milliseconds, and ${name} is ${ms} ms`;

const latency = (fault: Extract<ByteFault, { kind: "latency" }>): Translated | Untranslatable => {
  const spread = fault.distribution === "constant" ? 0 : fault.jitterMs;
  if (spread > 0 && fault.distribution !== "uniform")
    return no(`Toxiproxy's jitter is uniform, and latency asks for ${fault.distribution}`);
  const problem = wholeMs("delay", fault.delayMs) ?? wholeMs("jitter", spread);
  return problem === null
    ? toxics("latency", fault.direction, { latency: fault.delayMs, jitter: spread })
    : no(problem);
};

const bandwidth = (fault: Extract<ByteFault, { kind: "bandwidth" }>): Translated | Untranslatable => {
  const rate = fault.bytesPerSecond / BYTES_PER_KILOBYTE;
  if (!Number.isInteger(rate) || rate < 1)
    return no(
      `Toxiproxy takes whole KB/s of 1000 bytes, and bandwidth asks for ${fault.bytesPerSecond} bytes/s`,
    );
  return toxics("bandwidth", fault.direction, { rate });
};

const slicer = (fault: Extract<ByteFault, { kind: "slicer" }>): Translated | Untranslatable => {
  const delay = fault.delayMs * MICROSECONDS_PER_MS;
  if (!Number.isInteger(delay)) return no("Toxiproxy takes whole microseconds between the slices of slicer");
  return toxics("slicer", fault.direction, {
    average_size: fault.sizeBytes,
    size_variation: fault.variationBytes,
    delay,
  });
};

/**
 * reset_peer sets SO_LINGER when a connection opens, so it must be there first; and a connection that was opened under it
 * keeps that to its end. On the upstream direction it strikes with the request's first byte, which is thrown away.
 */
const reset = (fault: Extract<ByteFault, { kind: "reset" }>): Translated | Untranslatable => {
  if (fault.afterBytes !== undefined)
    return no(
      "Toxiproxy's reset_peer counts no bytes: it takes reset with after or nothing, not with afterBytes",
    );
  const timeout = fault.afterMs ?? 0;
  const problem = wholeMs("after", timeout);
  return problem === null ? toxics("reset_peer", "upstream", { timeout }, true) : no(problem);
};

const ofBytes = (fault: ByteFault): Translated | Untranslatable => {
  switch (fault.kind) {
    case "latency":
      return latency(fault);
    case "bandwidth":
      return bandwidth(fault);
    case "slicer":
      return slicer(fault);
    case "reset":
      return reset(fault);
    // Without a timeout of its own it is silent until it is removed, which closes its connections. Those that stood
    // before could be silent without the sidecar ever seeing them: only fresh ones are counted.
    case "blackhole":
      return toxics("timeout", "both", { timeout: 0 }, true);
    case "refuse":
      return { ok: true, toxics: [], refuses: true, onFreshConnections: true };
    case "slow-close": {
      const problem = wholeMs("delay", fault.delayMs);
      return problem === null ? toxics("slow_close", "both", { delay: fault.delayMs }) : no(problem);
    }
    case "limit-data":
      return toxics("limit_data", fault.direction, { bytes: fault.bytes });
    case "close":
    case "packet-loss":
    case "connection-limit":
      return no(`Toxiproxy has no toxic for ${fault.kind}`);
  }
};

const isByteFault = (fault: Fault): fault is Targeting & ByteFault =>
  FAULT_CATALOGUE[fault.kind].family === "bytes";

/** Why the choice of requests that a fault asks for is beyond Toxiproxy; null where it is not. */
const whyNotChosen = ({ fraction, attempts, match, first }: Fault): string | null => {
  if (fraction < 1)
    return `Toxiproxy draws per connection, not per request: no fraction of ${Math.round(fraction * 1000) / 10} %`;
  if (attempts !== "all") return "Toxiproxy knows no requests, so it can not strike some attempts of each";
  if (match !== undefined) return "Toxiproxy reads no requests, so it takes no match";
  if (first !== undefined) return "Toxiproxy counts no requests, so it takes no first";
  return null;
};

/** The fault as toxics, or why Toxiproxy can not do it. */
export const translate = (fault: Fault): Translated | Untranslatable => {
  if (!isByteFault(fault)) {
    const { family } = FAULT_CATALOGUE[fault.kind];
    return no(
      family === "http" || family === "stream"
        ? `Toxiproxy relays bytes unread, and ${fault.kind} needs HTTP`
        : `${fault.kind} does not act on a connection`,
    );
  }
  const unchosen = whyNotChosen(fault);
  return unchosen === null ? ofBytes(fault) : no(unchosen);
};
