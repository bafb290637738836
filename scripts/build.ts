/** Bundles the programs of src/ into dist/. The same sources and lock file give the same bytes on every machine. */
import { chmod, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = `${root}dist`;

/**
 * Compiled parts of packages (ssh2's) differ from machine to machine, and each has a JavaScript stand-in that is taken when
 * it cannot be loaded.
 */
const withoutNativeCode: Plugin = {
  name: "without native code",
  setup: (build) => {
    build.onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: "native" }));
    build.onLoad({ filter: /.*/, namespace: "native" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not bundled`)});`,
    }));
  },
};

/**
 * `await import("testcontainers")` has the package's names in Node, which finds them in its CommonJS; from esbuild it would
 * have `default` alone.
 */
const namesOfTestcontainers: Plugin = {
  name: "names of testcontainers",
  setup: async (build) => {
    const names = Object.keys(await import("testcontainers")).filter((name) => /^[A-Z]\w*$/i.test(name));
    build.onResolve({ filter: /^testcontainers$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, namespace: "named" } : null,
    );
    build.onLoad({ filter: /.*/, namespace: "named" }, ({ path }) => ({
      contents: `export { ${names.filter((name) => name !== "default").join(", ")} } from "${path}";`,
      resolveDir: root,
    }));
  },
};

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    squall: "src/surfaces/cli/main.ts",
    action: "src/surfaces/action/main.ts",
    "action-post": "src/surfaces/action/post.ts",
    sidecar: "src/sidecar/main.ts",
    "replay-worker": "src/adapters/load/replay-worker.ts",
    keeper: "src/adapters/runtimes/process/keeper.ts",
    "docker-keeper": "src/adapters/runtimes/docker/keeper.ts",
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
  plugins: [withoutNativeCode, namesOfTestcontainers],
  // Packages in CommonJS call require and name their folder; an ES module has neither of its own.
  banner: {
    js: 'import { createRequire as squallCreateRequire } from "node:module"; const require = squallCreateRequire(import.meta.url), squallFolder = import.meta.dirname;',
  },
  define: { __dirname: "squallFolder" },
  logLevel: "warning",
});
await chmod(`${outdir}/squall.mjs`, 0o755);
process.stdout.write(`built ${(await readdir(outdir)).length} files into dist\n`);
