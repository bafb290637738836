/** A cancelled job: main killed in the middle of a window, post run after it, as the runner does. */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { pullRequestRun, startWorld } from "../../support/action/world.ts";
import { childrenOf, isAlive, until } from "../../support/services/living.ts";

const MINUTES = 60_000;

test(
  "post ends what main could not: nothing of it runs when it returns",
  async () => {
    await using world = await startWorld();
    const pull = world.openPull({});
    const workspace = await world.checkout(pull.mergeSha ?? "");
    const step = { ...pullRequestRun(world, pull), workspace };
    const { child, line, end } = await world.start(step);
    await line("llm-fails, round 1");
    const started = childrenOf(child.pid ?? 0);
    expect(started.length).toBeGreaterThanOrEqual(3);
    // The process that watches main too: what remains is for post.
    const keeper = started.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("keeper"));
    process.kill(keeper ?? 0, "SIGKILL");
    child.kill("SIGKILL");
    const main = await end;
    expect(main.signal).toBe("SIGKILL");
    expect(main.outputs).toEqual({});
    expect(Object.keys(main.state)).toEqual(["run-directory"]);
    const post = await world.step({ ...step, which: "post", state: main.state });
    expect(post.code).toBe(0);
    expect(post.log).toMatch(/ended [1-9]\d* processes/);
    await until("nothing is left", () => !started.some(isAlive));
  },
  2 * MINUTES,
);

test(
  "a cancelled main that still may ends all itself, says so, and leaves the job failed",
  async () => {
    await using world = await startWorld();
    const pull = world.openPull({});
    const workspace = await world.checkout(pull.mergeSha ?? "");
    const { child, line, end } = await world.start({ ...pullRequestRun(world, pull), workspace });
    await line("llm-fails, round 1");
    const started = childrenOf(child.pid ?? 0);
    child.kill("SIGINT");
    const main = await end;
    expect(main.code).toBe(130);
    expect(main.state["finished"]).toBe("yes");
    expect(main.summary).toContain("cancelled");
    await until("nothing is left", () => !started.some(isAlive));
    const [run = ""] = (await readdir(path.join(workspace, ".squall"))).filter((name) => /^\d/.test(name));
    expect(await readdir(path.join(workspace, ".squall", run))).toEqual(["logs"]);
  },
  2 * MINUTES,
);

test(
  "no secret of the job reaches the service or the sidecar",
  async () => {
    await using world = await startWorld();
    const pull = world.openPull({
      // It answers with its own environment, and its parent's as far as it was given one.
      "service.mjs": `import { createServer } from "node:http";
createServer((request, response) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ text: "x", env: process.env })))
  .listen(Number(process.env.PORT), process.env.HOST ?? "127.0.0.1");
console.log(JSON.stringify(process.env));`,
    });
    const workspace = await world.checkout(pull.mergeSha ?? "");
    const token = world.github.token();
    const end = await world.step({
      ...pullRequestRun(world, pull),
      workspace,
      token,
      env: {
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "secret-id",
        MY_API_TOKEN: "secret-mine",
        NPM_CONFIG_X: "secret-npm",
      },
    });
    expect(end.masked).toContain(token);
    const [archive, page] = (await world.artifacts.uploaded()).values();
    expect(page).toBeDefined();
    const { unzipSafely } = await import("../../../src/adapters/github/artifacts/unzip.ts");
    const files = await unzipSafely(archive?.content ?? Buffer.alloc(0), { maxFiles: 1000, maxBytes: 1e8 });
    const texts = [...files, ["page", page?.content ?? Buffer.alloc(0)] as const]
      .map(([name, content]) => `${name}\n${content.toString("latin1")}`)
      .join("\n");
    expect(texts).toContain("PORT");
    for (const secret of [token, "secret-id", "secret-mine", "secret-npm"])
      expect(texts).not.toContain(secret);
  },
  2 * MINUTES,
);
