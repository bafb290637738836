/** `squall doctor` as a process of its own: it ends, whatever the engine does. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { type Answer, runIn, SOURCE, tinyProject } from "./support/tiny-project.ts";

const EXPERIMENT = "{ name: slow, faults: [{ kind: latency, on: llm, delay: 5ms, fraction: 50% }] }";

const withDocker = (host: string, cwd: string, ...args: readonly string[]): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [SOURCE, "doctor", ...args],
      { cwd, env: { ...process.env, NO_COLOR: "1", DOCKER_HOST: host } },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : typeof error.code === "number" ? error.code : -1,
          stdout,
          stderr,
        }),
    );
  });

test("an engine that accepts and never answers does not hold it, and its address is not told", async () => {
  await using project = await tinyProject({ experiments: [EXPERIMENT], gate: "budget: 10s" });
  const held: Socket[] = [];
  const mute = createServer((socket) => held.push(socket)).listen(0, "127.0.0.1");
  await once(mute, "listening");
  try {
    const { port } = mute.address() as AddressInfo;
    const host = `tcp://someone:hunter2@127.0.0.1:${port}`;
    const { code, stdout, stderr } = await withDocker(host, project.directory);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(held.length).toBeGreaterThan(0);
    expect(stdout).toMatch(/❌ missing {2}docker +no answer within 3 s/);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(
      "ready to measure tiny with runtime process; docker is missing",
    );
    expect(stdout).not.toContain("hunter2");
  } finally {
    for (const socket of held) socket.destroy();
    mute.close();
  }
});

test("as JSON with a socket where nobody listens: a runtime is left, and the suite lacks a program", async () => {
  await using project = await tinyProject({ experiments: [EXPERIMENT], gate: "budget: 10s" });
  const file = `${project.directory}/missing.yml`;
  const text = await readFile(`${project.directory}/squall.yml`, "utf8");
  await writeFile(file, text.replace("node service.mjs", "no-such-program"));
  const dead = `unix://${project.directory}/nobody.sock`;
  const { code, stdout } = await withDocker(dead, project.directory, "--json", "--file", "missing.yml");
  const found = JSON.parse(stdout) as {
    ready: boolean;
    line: string;
    checks: { name: string; state: string }[];
  };
  expect(code).toBe(3);
  expect(found.ready).toBe(false);
  expect(found.line).toContain("suite programs");
  // Another engine may answer at the default socket of the machine: then that is told.
  expect(found.checks.find(({ name }) => name === "docker")?.state).not.toBe("ok");
});

test("a file that does not exist is a wrong argument", async () => {
  await using project = await tinyProject({ experiments: [EXPERIMENT], gate: "budget: 10s" });
  const { code, stderr } = await runIn(SOURCE, project.directory, ["doctor", "--file", "none.yml"]);
  expect(code).toBe(2);
  expect(stderr).toContain("[argument-invalid]");
});
