/** Our own client on the stand-in, with pauses so short that no test waits for them. */
import { connectForge, type Forge } from "../../../src/adapters/github/forge.ts";
import type { GitHubServer } from "./server.ts";

export interface ConnectOptions {
  readonly token?: string;
  /** What the client says is put here. */
  readonly log?: string[];
  readonly timeoutMs?: number;
}

export const connectTo = (github: GitHubServer, { token, log = [], timeoutMs }: ConnectOptions = {}): Forge =>
  connectForge({
    token: token ?? github.token(),
    apiUrl: github.apiUrl,
    repository: `${github.owner}/${github.repo}`,
    log: (line) => log.push(line),
    pauseScale: 0.001,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
