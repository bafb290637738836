/**
 * Keeps GitHub's recorded payloads of the events that the Action knows: test/fixtures/events/<event>.json, an array each.
 *
 *     node scripts/github/recorded-events.ts
 *
 * From `@octokit/webhooks-examples` (MIT), packed into a temporary folder. Addresses (`url`, `*_url`, `_links`) are left out: the Action
 * reads none, and they are nine tenths of the bytes. GitHub records none of `schedule`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const EVENTS = ["merge_group", "pull_request", "push", "workflow_dispatch", "workflow_run"];
const TARGET = join(import.meta.dirname, "../../test/fixtures/events");
const INDEX = "package/api.github.com/index.json";

interface Recorded {
  readonly name: string;
  readonly examples: readonly unknown[];
}

const isAddress = (key: string): boolean => key === "url" || key === "_links" || key.endsWith("_url");

const withoutAddresses = (payload: unknown): unknown =>
  JSON.parse(
    JSON.stringify(payload, (key, value: unknown) => (isAddress(key) ? undefined : value)),
  ) as unknown;

const folder = mkdtempSync(join(tmpdir(), "recorded-events-"));
try {
  execFileSync("npm", ["pack", "--silent", "@octokit/webhooks-examples", "--pack-destination", folder]);
  const [archive = ""] = readdirSync(folder);
  execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder, INDEX]);
  const recorded = JSON.parse(readFileSync(join(folder, INDEX), "utf8")) as readonly Recorded[];
  mkdirSync(TARGET, { recursive: true });
  for (const event of EVENTS) {
    const payloads = recorded.find(({ name }) => name === event)?.examples.map(withoutAddresses) ?? [];
    if (payloads.length === 0) throw new Error(`${archive} holds no payload of ${event}`);
    const text = `[\n${payloads.map((payload) => JSON.stringify(payload)).join(",\n")}\n]\n`;
    writeFileSync(join(TARGET, `${event}.json`), text);
    process.stdout.write(`${event}: ${payloads.length} payloads, ${(text.length / 1024).toFixed(0)} KiB\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
