import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fileBaselineStore, storeError } from "../../../src/adapters/baselines/file-store.ts";
import { baselineFileName } from "../../../src/adapters/baselines/packed-baseline.ts";
import { SquallError } from "../../../src/core/errors.ts";
import { profile } from "../../config/profiles.ts";
import { baselineStoreConformance } from "../../conformance/baseline-store.ts";

interface Place extends AsyncDisposable {
  readonly directory: string;
}
const freshDirectory = async (): Promise<Place> => {
  const directory = await mkdtemp(path.join(tmpdir(), "squall-baselines-"));
  return { directory, [Symbol.asyncDispose]: async () => rm(directory, { recursive: true, force: true }) };
};

baselineStoreConformance("the file store", { parallelWriters: true }, async () => {
  const place = await freshDirectory();
  const directory = path.join(place.directory, "made", "when needed");
  return {
    open: () => fileBaselineStore(directory),
    [Symbol.asyncDispose]: async () => place[Symbol.asyncDispose](),
  };
});

const NAME = baselineFileName("answers");
const refusal = async (promise: Promise<unknown>): Promise<SquallError> => {
  const error: unknown = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof SquallError) return error;
  throw error instanceof Error ? error : new Error("nothing was refused");
};

const WRITER = path.join(import.meta.dirname, "appending-writer.ts");
const startWriter = (directory: string, dieAt?: string) =>
  spawn(process.execPath, [WRITER, directory, ...(dieAt === undefined ? [] : [dieAt])], {
    stdio: ["ignore", "pipe", "inherit"],
  });

describe("a writer that is killed", () => {
  it.each(["rename", "sync", "half"])(
    "at %s leaves the old file whole, and the next writer clears up",
    async (dieAt) => {
      await using place = await freshDirectory();
      const store = fileBaselineStore(place.directory);
      await store.append("answers", profile({ seed: 1 }), 3);
      const before = await readFile(path.join(place.directory, NAME));
      const writer = startWriter(place.directory, dieAt);
      const [, signal] = (await once(writer, "exit")) as [number | null, string | null];
      expect(signal).toBe("SIGKILL");
      expect(await readFile(path.join(place.directory, NAME))).toEqual(before);
      // It really died half-way: its lock and its temporary file are there.
      expect(await readdir(place.directory)).toHaveLength(3);
      const after = await store.append("answers", profile({ seed: 2 }), 3);
      expect(after.profiles.map(({ seed }) => seed)).toEqual([1, 2]);
      expect(await readdir(place.directory)).toEqual([NAME]);
    },
  );

  it("at any moment leaves a whole file with every run it had reported", async () => {
    await using place = await freshDirectory();
    const store = fileBaselineStore(place.directory);
    for (const afterBytes of [1, 12, 23]) {
      const writer = startWriter(place.directory);
      let reported = "";
      for await (const chunk of writer.stdout) {
        reported += String(chunk);
        if (reported.length >= afterBytes) writer.kill("SIGKILL");
      }
      if (writer.exitCode === null && writer.signalCode === null) await once(writer, "exit");
      const last = Number(reported.trim().split("\n").at(-1));
      const kept = (await store.read("answers"))?.profiles.map(({ seed }) => seed) ?? [];
      expect(kept.some((seed) => seed === last)).toBe(true);
    }
  });
});

describe("two writers", () => {
  it("in two processes lose no run", async () => {
    await using place = await freshDirectory();
    const writer = startWriter(place.directory);
    const store = fileBaselineStore(place.directory);
    await once(writer.stdout, "data");
    for (const seed of [1, 2, 3]) {
      const baseline = await store.append("answers", profile({ seed }, 5), 8);
      expect(baseline.profiles.at(-1)?.seed).toBe(seed);
    }
    writer.kill("SIGKILL");
    await once(writer, "exit");
    expect(await store.read("answers")).not.toBeNull();
  });

  it("wait for each other only so long, then say who is in the way", async () => {
    await using place = await freshDirectory();
    const lock = path.join(place.directory, `${NAME}.lock`);
    await writeFile(lock, `${process.pid} ${hostname()} someone-alive`);
    const error = await refusal(
      fileBaselineStore(place.directory, { lockWaitMs: 60 }).append("answers", profile(), 8),
    );
    expect(error.code).toBe("write-failed");
    expect(error.message).toContain("another squall is writing");
    expect(error.remedy).toContain("delete the lock file");
    expect(await readFile(lock, "utf8")).toContain("someone-alive");
  });

  it.each([
    ["of a process that is gone", `999999999 ${hostname()} gone`, 0],
    ["of another machine, a minute old", "1 elsewhere gone", 120],
    ["that was never filled, seconds old", "", 5],
  ])("take over a lock %s", async (_, content, ageSeconds) => {
    await using place = await freshDirectory();
    const lock = path.join(place.directory, `${NAME}.lock`);
    await writeFile(lock, content);
    const made = Date.now() / 1000 - ageSeconds;
    await utimes(lock, made, made);
    const store = fileBaselineStore(place.directory, { lockWaitMs: 60 });
    expect((await store.append("answers", profile(), 8)).profiles).toHaveLength(1);
    expect(await readdir(place.directory)).toEqual([NAME]);
  });

  it.each([
    ["another machine", "1 elsewhere alive"],
    ["a writer that has not filled it yet", ""],
  ])("respect a fresh lock of %s", async (_, content) => {
    await using place = await freshDirectory();
    await writeFile(path.join(place.directory, `${NAME}.lock`), content);
    const store = fileBaselineStore(place.directory, { lockWaitMs: 60 });
    expect((await refusal(store.append("answers", profile(), 8))).message).toContain("another squall");
  });
});

describe("what is wrong with the place or the file", () => {
  it("a corrupt file is named with its remedy, and never overwritten by an append", async () => {
    await using place = await freshDirectory();
    const file = path.join(place.directory, NAME);
    await writeFile(file, "garbage");
    const store = fileBaselineStore(place.directory);
    for (const error of [
      await refusal(store.read("answers")),
      await refusal(store.append("answers", profile(), 8)),
    ]) {
      expect(error.code).toBe("baseline-invalid");
      expect(error.place).toBe(file);
      expect(error.remedy).toContain("squall baseline");
    }
    expect(await readFile(file, "utf8")).toBe("garbage");
    expect(await readdir(place.directory)).toEqual([NAME]);
  });

  it("a file put under another suite's name is refused", async () => {
    await using place = await freshDirectory();
    const store = fileBaselineStore(place.directory);
    await store.append("other", profile({ suite: "other" }), 8);
    await writeFile(
      path.join(place.directory, NAME),
      await readFile(path.join(place.directory, baselineFileName("other"))),
    );
    expect((await refusal(store.read("answers"))).message).toContain(
      "baseline of suite other, not of answers",
    );
  });

  it("a file where the directory belongs, and a directory where the file belongs", async () => {
    await using place = await freshDirectory();
    await writeFile(path.join(place.directory, "file"), "");
    const under = await refusal(
      fileBaselineStore(path.join(place.directory, "file")).append("answers", profile(), 8),
    );
    expect([under.code, under.remedy]).toEqual(["write-failed", expect.stringContaining("name a directory")]);
    await mkdir(path.join(place.directory, NAME));
    const over = await refusal(fileBaselineStore(place.directory).read("answers"));
    expect([over.code, over.remedy]).toEqual(["baseline-invalid", expect.stringContaining("move it away")]);
  });

  it("a limit on file sizes stops the write, and the old file stays whole", async () => {
    await using place = await freshDirectory();
    const store = fileBaselineStore(place.directory);
    await store.append("answers", profile({ seed: 1 }), 3);
    const before = await readFile(path.join(place.directory, NAME));
    // One block of 512 or 1024 bytes: the lock fits, the baseline does not.
    const writer = spawn(
      "sh",
      ["-c", `trap '' XFSZ; ulimit -f 1; exec "$0" "$1" "$2"`, process.execPath, WRITER, place.directory],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let said = "";
    for await (const chunk of writer.stderr) said += String(chunk);
    expect(said).toContain("EFBIG");
    expect(await readFile(path.join(place.directory, NAME))).toEqual(before);
    expect(await readdir(place.directory)).toEqual([NAME]);
  });

  it.each([
    ["EACCES", "right to read and write"],
    ["ENOSPC", "Free space on the device"],
    ["EROFS", "read-only"],
    ["EIO", "See the cause"],
  ])("%s comes with a remedy", (code, remedy) => {
    const cause = Object.assign(new Error(`${code}: nothing helped`), { code });
    const error = storeError("write-failed", "writing", "/b/x", cause);
    expect(error.message).toBe(`writing /b/x failed: ${code}`);
    expect(error.remedy).toContain(remedy);
    expect(error.cause).toBe(cause);
  });

  it("a directory without rights is named", async () => {
    await using place = await freshDirectory();
    const closed = path.join(place.directory, "closed");
    await mkdir(closed);
    await chmod(closed, 0o500);
    await chmod(place.directory, 0o755);
    const writer = spawn(process.execPath, [WRITER, closed, "as-nobody"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    for await (const chunk of writer.stderr) said += String(chunk);
    expect(said).toContain(`writing ${path.join(closed, NAME)} failed: EACCES`);
    await chmod(closed, 0o700);
    expect(await readdir(closed)).toEqual([]);
  });
});
