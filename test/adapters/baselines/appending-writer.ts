/** A writer that is killed: adds runs to the store named in its arguments, one after another, saying each when it is stored. */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const [directory = "", dieAt] = process.argv.slice(2);

if (dieAt !== undefined && dieAt !== "as-nobody") {
  // Dies by SIGKILL at a chosen call: after the temporary file was written and before it takes its place, or in mid-write.
  const die = async (): Promise<never> => {
    process.kill(process.pid, "SIGKILL");
    return new Promise<never>(() => undefined);
  };
  if (dieAt === "rename") fs.rename = die;
  if (dieAt === "sync") {
    const { open } = fs;
    fs.open = async (...given: Parameters<typeof open>) => {
      const handle = await open(...given);
      handle.sync = die;
      return handle;
    };
  }
  if (dieAt === "half") {
    const { open } = fs;
    fs.open = async (...given: Parameters<typeof open>) => {
      const handle = await open(...given);
      const writeFile = handle.writeFile.bind(handle);
      handle.writeFile = async (data: unknown) => {
        if (!(data instanceof Uint8Array)) return writeFile(String(data));
        await writeFile(data.subarray(0, data.length / 2));
        return die();
      };
      return handle;
    };
  }
  syncBuiltinESMExports();
}

const { fileBaselineStore } = await import("../../../src/adapters/baselines/file-store.ts");
const { profile } = await import("../../config/profiles.ts");

// Root may write anywhere; rights are given up only once everything is loaded.
if (dieAt === "as-nobody" && process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}

const store = fileBaselineStore(directory);
for (let seed = 1000; ; seed++) {
  await store.append("answers", profile({ seed }, 500), 20);
  process.stdout.write(`${seed}\n`);
}
