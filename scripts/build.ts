/** Bundles the programs of src/ into dist/. The same sources and lock file give the same bytes on every machine. */
import { chmod, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = `${root}dist`;

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    squall: "src/surfaces/cli/main.ts",
    sidecar: "src/sidecar/main.ts",
    "replay-worker": "src/adapters/load/replay-worker.ts",
    keeper: "src/adapters/runtimes/process/keeper.ts",
  },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunk-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  charset: "utf8",
  legalComments: "none",
  minifySyntax: true,
  minifyWhitespace: true,
  // Packages in CommonJS call require; an ES module has none of its own.
  banner: {
    js: 'import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url);',
  },
  logLevel: "warning",
});
await chmod(`${outdir}/squall.mjs`, 0o755);
process.stdout.write(`built ${(await readdir(outdir)).length} files into dist\n`);
