import type { SidecarConfig, SidecarReady } from "../core/sidecar-protocol.ts";
import { Attributor } from "./attribution.ts";
import { ControlApi } from "./control-api.ts";
import { Edge } from "./edge.ts";
import { ExchangeLog } from "./exchange-log.ts";
import { FaultStateHolder } from "./fault-state.ts";
import { type LocalServer, resolveUpstream } from "./local-upstream.ts";
import type { SeenRequest } from "./relay/edge-context.ts";
import { RemedyHolder } from "./remedies/remedy-state.ts";
import { Dialer } from "./upstream.ts";

export interface RunningSidecar {
  readonly ready: SidecarReady;
  /** Resolves when POST /stop was answered. */
  readonly stopRequested: Promise<void>;
  /** Exchanges open now, over all edges. */
  open(): number;
  /** Ends every listener, connection and timer. */
  close(): Promise<void>;
}

/** Starts all edges and the control API, and tells `onRequest` of what passes; leaves nothing behind where one can not start. */
export const startSidecar = async (
  config: SidecarConfig,
  onRequest: ((request: SeenRequest) => void) | null = null,
): Promise<RunningSidecar> => {
  const log = new ExchangeLog();
  const attributor = new Attributor();
  const edges: Edge[] = [];
  const servers: LocalServer[] = [];
  const ports: Record<string, number> = {};
  let control: ControlApi | null = null;
  let state: FaultStateHolder | null = null;
  let remedies: RemedyHolder | null = null;
  const close = async (): Promise<void> => {
    await state?.close();
    await remedies?.close();
    await Promise.all(
      [...edges, ...servers, ...(control === null ? [] : [control])].map((part) => part.close()),
    );
  };
  const open = (): number => {
    const counts = log.active(config.edges.map(({ name }) => name));
    return Object.values(counts.open).reduce((sum, count) => sum + count, 0);
  };
  try {
    for (const edgeConfig of config.edges) {
      const { target, server } = await resolveUpstream(edgeConfig.upstream, config.redact);
      if (server !== null) servers.push(server);
      const edge = new Edge(edgeConfig, {
        name: edgeConfig.name,
        protocol: edgeConfig.protocol,
        isClient: edgeConfig.name === "client",
        rewrite: target.rewrite,
        dialer: new Dialer(target),
        log,
        attributor,
        onRequest,
        faults: [],
      });
      edges.push(edge);
      ports[edgeConfig.name] = await edge.listen();
    }
    state = new FaultStateHolder(edges);
    remedies = new RemedyHolder(edges.filter(({ gate }) => gate.protocol === "http"));
    const names = config.edges.map(({ name, protocol, upstream }) => ({
      name,
      protocol,
      hasAddresses: upstream.type === "addresses",
    }));
    control = new ControlApi({
      token: config.token,
      edges: names,
      state,
      remedies,
      changeUpstream: (change) =>
        edges.find(({ name }) => name === change.edge)?.setAddresses(change.addresses),
      log,
      attributor,
    });
    const controlPort = await control.listen(config.controlHost, config.controlPort);
    return { ready: { controlPort, ports }, stopRequested: control.stopRequested, open, close };
  } catch (error) {
    await close();
    throw error;
  }
};
