import type { Upstream } from "../core/sidecar-protocol.ts";
import { startRecording } from "./cassettes/record.ts";
import { startReplay } from "./cassettes/replay.ts";
import type { LocalServer } from "./loopback-server.ts";
import { startStub } from "./stubs/stub-server.ts";
import { type Target, urlTarget } from "./upstream.ts";

export type { LocalServer };

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
      return behind(
        upstream.mode === "replay"
          ? await startReplay(upstream.file, redact)
          : await startRecording(upstream.file, upstream.url, redact),
      );
  }
};

const behind = (server: LocalServer): ResolvedUpstream => ({
  target: { addresses: [{ host: "127.0.0.1", port: server.port }], rewrite: null, serverName: null },
  server,
});
