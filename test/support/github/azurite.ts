/** A blob storage as GitHub keeps its artifacts in: azurite, Microsoft's own stand-in, as a process of ours. */
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "../../../node_modules/azurite/dist/src/blob/main.js");
const ACCOUNT = "devstoreaccount1";
/** The key that azurite's documentation publishes for this account. */
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const VERSION = "2021-12-02";
const CONTAINER = "artifacts";

/** Learn: "Create an account SAS". Signs for every blob, for an hour. */
const signature = (): string => {
  const expires = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`;
  const parts = {
    sp: "rwdlac",
    ss: "b",
    srt: "sco",
    st: "",
    se: expires,
    sip: "",
    spr: "http,https",
    sv: VERSION,
  };
  const { sp, ss, srt, st, se, sip, spr, sv } = parts;
  const text = `${[ACCOUNT, sp, ss, srt, st, se, sip, spr, sv, ""].join("\n")}\n`;
  const sig = createHmac("sha256", Buffer.from(KEY, "base64")).update(text).digest("base64");
  return new URLSearchParams({ sv, ss, srt, sp, se, spr, sig }).toString();
};

export interface BlobStore extends AsyncDisposable {
  /** Signed: whoever has it may read and write. */
  url(blob: string): string;
  read(blob: string): Promise<Buffer>;
}

const listening = async (lines: AsyncIterable<string>): Promise<string> => {
  const seen: string[] = [];
  for await (const line of lines) {
    const origin = /listen(?:s|ing) (?:at|on) (http:\/\/127\.0\.0\.1:\d+)/u.exec(line)?.[1];
    if (origin !== undefined) return origin;
    seen.push(line);
  }
  throw new Error(`azurite ended before it listened:\n${seen.join("\n")}`);
};

export const startBlobStore = async (): Promise<BlobStore> => {
  const folder = await mkdtemp(join(tmpdir(), "squall-azurite-"));
  // Telemetry off: nothing outside is contacted.
  const options = [
    "--blobPort",
    "0",
    "--location",
    folder,
    "--disableTelemetry",
    "--skipApiVersionCheck",
    "--loose",
  ];
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    process.off("exit", kill);
    kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const base = `${await listening(createInterface({ input: child.stdout }))}/${ACCOUNT}/${CONTAINER}`;
    child.stdout.resume();
    const made = await fetch(`${base}?restype=container&${signature()}`, { method: "PUT" });
    if (!made.ok) throw new Error(`azurite made no container: ${made.status} ${await made.text()}`);
    const url = (blob: string): string => `${base}/${encodeURIComponent(blob)}?${signature()}`;
    return {
      url,
      read: async (blob) => {
        const answer = await fetch(url(blob));
        if (!answer.ok) throw new Error(`no blob ${blob}: ${answer.status}`);
        return Buffer.from(await answer.arrayBuffer());
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
