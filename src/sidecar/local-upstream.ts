import type { Upstream } from "../core/sidecar-protocol.ts";
import { startStub } from "./stubs/stub-server.ts";
import { type Target, urlTarget } from "./upstream.ts";

/** A server inside this process that an edge relays to: a stub or a cassette. It listens on loopback, on a free port. */
export interface LocalServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface ResolvedUpstream {
  readonly target: Target;
  readonly server: LocalServer | null;
}

/** Starts what stands behind an edge where that is ours, and tells where its connections go. */
export const resolveUpstream = async (
  upstream: Upstream,
  redact: readonly string[],
): Promise<ResolvedUpstream> => {
  switch (upstream.type) {
    case "addresses":
      return { target: { addresses: upstream.addresses, rewrite: null, serverName: null }, server: null };
    case "url":
      return { target: urlTarget(upstream.url), server: null };
    case "stub":
      return behind(await startStub(upstream.stub, upstream.seed));
    case "cassette":
      return behind(await startLocal(upstream, redact));
  }
};

const behind = (server: LocalServer): ResolvedUpstream => ({
  target: { addresses: [{ host: "127.0.0.1", port: server.port }], rewrite: null, serverName: null },
  server,
});

const startLocal = async (
  upstream: Extract<Upstream, { type: "cassette" }>,
  _redact: readonly string[],
): Promise<LocalServer> => {
  throw new Error(`no server for upstream type "${upstream.type}" yet`);
};
