import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { nodeFiles } from "../../../../src/adapters/runtimes/docker/node-files.ts";
import { ensureSidecarImage } from "../../../../src/adapters/runtimes/docker/sidecar-image.ts";
import {
  type SidecarProgram,
  sidecarProgram,
} from "../../../../src/adapters/runtimes/docker/sidecar-program.ts";
import { describeDocker, testEngine } from "../../../support/docker/engine.ts";

/** A bundle with a shared chunk, as scripts/build.ts makes it. */
const bundle = async (): Promise<{ program: SidecarProgram; folder: string }> => {
  const folder = await mkdtemp(path.join(tmpdir(), "squall-bundle-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const entryPoints = { sidecar: "src/sidecar/main.ts", other: "src/sidecar/sidecar.ts" };
  await build({
    entryPoints,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    minifyWhitespace: true,
  });
  return { program: await sidecarProgram(path.join(folder, "sidecar.mjs")), folder };
};

test("the program is the bundle with the chunks it imports, and nothing else of dist", async () => {
  const { program } = await bundle();
  expect(program.entry).toBe("sidecar.mjs");
  expect(program.bundled).toBe(true);
  const names = program.files.map(({ name }) => name);
  expect(names).toContain("sidecar.mjs");
  expect(names.filter((name) => name.startsWith("chunk-")).length).toBeGreaterThan(0);
  expect(names).not.toContain("other.mjs");
});

test("the program from source is its sources, and the packages they import", async () => {
  const { files, entry, bundled } = await sidecarProgram();
  const names = files.map(({ name }) => name);
  expect([entry, bundled]).toEqual(["src/sidecar/main.ts", false]);
  expect(names).toEqual(
    expect.arrayContaining(["package.json", "src/core/random.ts", "src/sidecar/probe.ts"]),
  );
  expect(names.some((name) => name.startsWith("node_modules/pure-rand/"))).toBe(true);
  expect(names.some((name) => /src\/(run|adapters|surfaces|config)\//.test(name))).toBe(false);
});

test("node comes with its loader, its libraries and what looks names up", async () => {
  const { files, libraryFolders } = await nodeFiles();
  const names = files.map(({ name }) => path.basename(name));
  expect(names[0]).toBe("node");
  expect(names.some((name) => /^ld-.*\.so/.test(name))).toBe(true);
  expect(names).toEqual(expect.arrayContaining(["libc.so.6", "libresolv.so.2"]));
  expect(libraryFolders.length).toBeGreaterThan(0);
});

describeDocker("the sidecar's image", () => {
  test("is made once for each content, and says what it is", async () => {
    const engine = await testEngine();
    const { program, folder } = await bundle();
    // Its own content, so that the first call has something to make.
    const file = path.join(folder, "sidecar.mjs");
    await writeFile(file, `${await readFile(file, "utf8")}\n// ${folder}\n`);
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const made = await ensureSidecarImage(engine, undefined, say, program);
    onTestFinished(() => engine.docker.getImage(made.name).remove({ force: true }));
    expect(lines).toEqual(["making the sidecar's image"]);
    const again = await ensureSidecarImage(engine, undefined, say, program);
    expect([again.name, lines.length]).toEqual([made.name, 1]);
    expect(made.name).toMatch(/^squall-sidecar:[0-9a-f]{16}$/);
    expect(made.entry).toBe("/squall/sidecar.mjs");

    const { Config } = await engine.docker.getImage(made.name).inspect();
    expect(Config.User).toBe("65532:65532");
    expect(Config.Labels?.["dev.squall.image"]).toBe("sidecar");

    await writeFile(file, `${await readFile(file, "utf8")}\n// changed\n`);
    const other = await ensureSidecarImage(engine, undefined, say, program);
    onTestFinished(() => engine.docker.getImage(other.name).remove({ force: true }));
    expect(other.name).not.toBe(made.name);
  });

  test("is taken from a present image where one is named", async () => {
    const image = await ensureSidecarImage(await testEngine(), "squall-test/service:1", () => {
      throw new Error("nothing is to be done");
    });
    expect(image).toMatchObject({ name: "squall-test/service:1", node: ["node"], entry: null });
  });

  test("is refused for an engine of another architecture, with the way out", async () => {
    const engine = { ...(await testEngine()), arch: process.arch === "arm64" ? "x64" : "arm64" };
    await expect(ensureSidecarImage(engine, undefined, () => {})).rejects.toMatchObject({
      code: "engine-unavailable",
      remedy: expect.stringContaining("docker.sidecarImage") as string,
    });
  });
});
