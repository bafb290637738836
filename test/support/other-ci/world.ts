/** A bare repository with a main branch and two changes to it, and a server of squall's release archive. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { tinySuite } from "../action/world.ts";
import { listen } from "../github/listen.ts";
import { git } from "./shell.ts";

export const ROOT = path.resolve(import.meta.dirname, "../../..");
const SERVICE = path.join(ROOT, "test/e2e/fixtures/service.mjs");

export interface OtherCiWorld extends AsyncDisposable {
  readonly folder: string;
  /** The bare repository. */
  readonly origin: string;
  readonly commits: {
    /** Of main, when the changes left it. */
    readonly base: string;
    /** Branch `equal`: another document, the same code. */
    readonly equal: string;
    /** Branch `careless`: asks the model once, not twice. */
    readonly careless: string;
  };
  /** Address of the archive. */
  readonly archive: string;
  /** Main gets a commit in the place of its newest one, unless that one is the base. */
  moveMain(): Promise<void>;
}

/** What the release workflow packs: if a file of it is missing there, it is missing here. */
const packArchive = async (): Promise<Buffer> => {
  const workflow = await readFile(path.join(ROOT, ".github/workflows/release.yml"), "utf8");
  const [, members = ""] = /-czf "squall-\S+\.tar\.gz" (.+)$/m.exec(workflow) ?? [];
  const { stdout } = await promisify(execFile)("tar", ["-cz", ...members.split(" ")], {
    cwd: ROOT,
    encoding: "buffer",
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
};

let packed: Promise<Buffer> | undefined;

const requests = Array.from({ length: 12 }, (_, index) =>
  JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask?q=what+is+the+answer+to+question+${index}` }),
).join("\n");

const commitFiles = async (clone: string, files: Readonly<Record<string, string>>): Promise<string> => {
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(clone, name), content);
  await git(clone, "add", "--all");
  const author = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"];
  await git(clone, ...author, "commit", "--quiet", "--message", Object.keys(files).join(", "));
  return git(clone, "rev-parse", "HEAD");
};

export const startOtherCiWorld = async (): Promise<OtherCiWorld> => {
  const folder = await mkdtemp(path.join(tmpdir(), "squall-other-ci-"));
  const origin = path.join(folder, "origin.git");
  const clone = path.join(folder, "author");
  await mkdir(clone);
  await git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", origin);
  await git(clone, "init", "--quiet", "--initial-branch", "main");
  await git(clone, "remote", "add", "origin", origin);
  const service = await readFile(SERVICE, "utf8");
  const careless = service.replace("? 1 : 2", "? 1 : 1");
  if (careless === service) throw new Error("service.mjs no longer says how often it asks");
  const base = await commitFiles(clone, {
    // Three suites are measured at once, on two processors.
    "squall.yml": tinySuite().replace("rate: 40/s", "rate: 20/s"),
    "service.mjs": service,
    "requests.jsonl": requests,
  });
  await git(clone, "switch", "--quiet", "--create", "equal");
  const equal = await commitFiles(clone, { "NOTES.md": "Nothing of the service changed.\n" });
  await git(clone, "switch", "--quiet", "--create", "careless", "main");
  const changed = await commitFiles(clone, { "service.mjs": careless });
  await git(clone, "switch", "--quiet", "main");
  await git(clone, "push", "--quiet", "origin", "main", "equal", "careless");
  packed ??= packArchive();
  const archive = await packed;
  const server = await listen(async ({ url }, response) => {
    response.writeHead(url === "/squall.tar.gz" ? 200 : 404).end(url === "/squall.tar.gz" ? archive : "");
  });
  let moves = 0;
  return {
    folder,
    origin,
    commits: { base, equal, careless: changed },
    archive: `${server.origin}/squall.tar.gz`,
    moveMain: async () => {
      await git(clone, "reset", "--quiet", "--hard", base);
      await commitFiles(clone, { "CHANGES.md": `Version ${++moves}.\n` });
      await git(clone, "push", "--quiet", "--force", "origin", "main");
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
