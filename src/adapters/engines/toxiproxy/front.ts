import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SquallError } from "../../../core/errors.ts";
import type { ToxiproxySettings } from "../../../core/suite.ts";
import type { EdgeFront, FrontPlace } from "../../../run/ports.ts";
import { isGone, ToxiproxyClient } from "./client.ts";
import { OwnProxy } from "./own-proxy.ts";

const API_PORT = 8474;
/** A server that the runtime has just started may take so long until it answers. */
const START_LIMIT_MS = 15_000;
const START_PAUSE_MS = 25;

/** The proxies that stand before the sidecar's edges. */
export interface ToxiproxyFront extends EdgeFront {
  /** @throws SquallError where none was placed there */
  proxyOf(edge: string): OwnProxy;
}

const untilAnswers = async (api: ToxiproxyClient, limitMs: number): Promise<void> => {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      await api.checkVersion();
      return;
    } catch (error) {
      if (!isGone(error) || performance.now() > endMs) throw error;
      await sleep(START_PAUSE_MS);
    }
  }
};

/**
 * Places on a Toxiproxy. The server may be shared: only proxies of our own are ever changed or deleted, and its /reset and
 * /populate, which act on everyone's, are never called.
 */
export const toxiproxyFront = (
  { url, image }: ToxiproxySettings,
  edges: ReadonlySet<string>,
): ToxiproxyFront => {
  const proxies = new Map<string, OwnProxy>();
  let api: ToxiproxyClient | null = null;
  const leave = async (): Promise<void> => {
    const left = [...proxies.values()];
    const client = api;
    proxies.clear();
    api = null;
    try {
      await Promise.all(left.map((proxy) => proxy.remove()));
    } finally {
      await client?.close();
    }
  };
  return {
    edges,
    url: url ?? null,
    image,
    apiPort: API_PORT,
    place: async (apiUrl: string, places: readonly FrontPlace[]) => {
      api = new ToxiproxyClient(apiUrl);
      // From the system and not from the run's seed: two runs of one seed on a server must not meet.
      const run = randomBytes(6).toString("hex");
      try {
        await untilAnswers(api, url === undefined ? START_LIMIT_MS : 0);
        for (const place of places)
          proxies.set(place.edge, await OwnProxy.create(api, `squall-${run}-${place.edge}`, place));
      } catch (error) {
        // What went wrong first is what is told.
        await leave().catch(() => undefined);
        throw error;
      }
      return Object.fromEntries([...proxies].map(([edge, { port }]) => [edge, port]));
    },
    leave,
    proxyOf: (edge) => {
      const proxy = proxies.get(edge);
      if (proxy !== undefined) return proxy;
      throw new SquallError("engine-unavailable", `No Toxiproxy stands before ${edge}.`, {
        place: edge,
        remedy: "This is a defect of squall: please report it with the suite.",
      });
    },
  };
};
