/**
 * The real Toxiproxy as an engine of byte faults.
 *
 *   caller -> proxy with toxics -> sidecar edge -> upstream
 *
 * Receipts: the server counts nothing per toxic (its optional metrics are bytes of ended connections). So the sidecar
 * behind it is asked how many exchanges and connections have come through since; with toxicity 1 the toxics were on every
 * one of them, and still are by what the server lists. Of `refuse` nothing can come through: a connection of our own that
 * is refused stands for it (where the proxy listens on this machine, else the server's word that it does not listen).
 *
 * Deadlines: the server has none, so they are timers here. Should squall be killed, the server's container is removed with
 * the run; on a server of the user's own the proxies stay until someone deletes them (docs/toxiproxy.md).
 */
import { SquallError } from "../../../core/errors.ts";
import type { ToxiproxySettings } from "../../../core/suite.ts";
import type { EdgeFront, Engine } from "../../../run/ports.ts";
import { toxiproxyFront } from "./front.ts";
import { ToxiproxyInjection } from "./injection.ts";
import { translate } from "./toxics.ts";

/** @param edges with a fault that asks for Toxiproxy: only they get a proxy */
export const toxiproxy = (
  settings: ToxiproxySettings,
  edges: ReadonlySet<string>,
): { readonly engine: Engine; readonly front: EdgeFront } => {
  const front = toxiproxyFront(settings, edges);
  const engine: Engine = {
    name: "toxiproxy",
    supports: (fault) => {
      const translated = translate(fault);
      if (!translated.ok) return translated;
      return edges.has(fault.on)
        ? { ok: true }
        : { ok: false, reason: `no Toxiproxy stands before ${fault.on}: write engine: toxiproxy` };
    },
    inject: async (system, placed, deadlineMs) => {
      const injection = new ToxiproxyInjection(system.sidecar, (edge) => front.proxyOf(edge), placed);
      try {
        await injection.begin(deadlineMs);
      } catch (error) {
        await injection.clear().catch((left: unknown) => {
          throw new SquallError("fault-not-cleared", "Toxiproxy failed to begin a fault, and to end it.", {
            detail: [String(error), String(left)],
            remedy: "Look into Toxiproxy's log.",
            cause: error,
          });
        });
        throw error;
      }
      return injection;
    },
  };
  return { engine, front };
};
