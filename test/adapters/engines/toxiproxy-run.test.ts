/** A whole run by the command line, with the real server on this machine. */
import { appendFile, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { decodeProfile } from "../../../src/config/baseline-file.ts";
import { tinyProject } from "../../e2e/support/tiny-project.ts";
import { describeToxiproxy, toxiproxyServer } from "../../support/toxiproxy/server.ts";

const EXPERIMENTS = [
  "{ name: slow-llm, faults: [{ kind: latency, on: llm, delay: 80ms, engine: toxiproxy }] }",
  "{ name: no-llm, faults: [{ kind: refuse, on: llm, engine: toxiproxy }] }",
];

describeToxiproxy("a run with engine toxiproxy", () => {
  test("its windows count, and the server is left as it was", async () => {
    await using server = await toxiproxyServer();
    await using project = await tinyProject({ experiments: EXPERIMENTS, gate: "budget: 15s" });
    await appendFile(path.join(project.directory, "squall.yml"), `toxiproxy: { url: "${server.url}" }\n`);
    const answer = await project.squall("run");
    expect(answer.stderr).not.toContain("error");
    expect(answer.code).toBe(0);
    expect(await server.proxies()).toEqual([]);
    const runs = path.join(project.directory, ".squall");
    const files = (await readdir(runs, { recursive: true })).filter((file) =>
      file.endsWith("samples.json.gz"),
    );
    const file = path.join(runs, files[0] ?? "");
    const { windows } = decodeProfile(await readFile(file), { file });
    for (const scenario of ["slow-llm", "no-llm"]) {
      const own = windows.filter((window) => window.scenario === scenario && window.phase === "load");
      expect(own.length).toBeGreaterThan(0);
      expect(own.map(({ invalid }) => invalid)).toEqual(own.map(() => undefined));
      for (const { receipts } of own) {
        expect(receipts.map(({ edge }) => edge)).toEqual(["llm"]);
        expect(receipts[0]?.affected).toBeGreaterThan(0);
      }
    }
  }, 90_000);

  test("without a server it stops before anything is measured, and says what to do", async () => {
    await using project = await tinyProject({ experiments: EXPERIMENTS, gate: "budget: 15s" });
    await appendFile(
      path.join(project.directory, "squall.yml"),
      'toxiproxy: { url: "http://127.0.0.1:9" }\n',
    );
    const answer = await project.squall("run");
    expect(answer).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("Toxiproxy gives no answer at http://127.0.0.1:9") as string,
    });
    expect(answer.stderr).toContain("toxiproxy.url");
  });
});
