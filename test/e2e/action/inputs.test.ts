/** What the step's inputs change on GitHub and in the run: the shipped Action, as the runner spawns it. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { FAILING_MODEL, pullRequestRun, pushRun, RUN, startWorld } from "../../support/action/world.ts";

const MINUTES = 60_000;

test(
  "surfaces are left out or named as the inputs say; only the experiments asked for are measured",
  async () => {
    const gate = "onNoBaseline: fail";
    const slow = "{ name: llm-slow, faults: [{ kind: latency, on: llm, delay: 20ms, fraction: 20% }] }";
    await using world = await startWorld({ experiments: [FAILING_MODEL, slow], gate });
    const { github, artifacts } = world;
    const pull = world.openPull({ "README.md": "changed" });
    const workspace = await world.checkout(pull.mergeSha ?? pull.headSha);
    const end = await world.step({
      ...pullRequestRun(world, pull),
      workspace,
      inputs: {
        experiments: "llm-slow",
        budget: "12s",
        runtime: "process",
        comment: "never",
        summary: "false",
        upload: "false",
        check: "check-run",
        "report-name": "storm",
        "fail-on": "never",
      },
    });
    expect(end.outputs).toMatchObject({ verdict: "no-baseline", conclusion: "success", "comment-url": "" });
    expect(end.code).toBe(0);
    expect(end.summary).toBe("");
    expect(github.repository.comments.size).toBe(0);
    expect((await artifacts.uploaded()).size).toBe(0);
    expect([...github.repository.checkRuns.values()]).toMatchObject([
      { name: "storm (tiny)", conclusion: "success", sha: pull.headSha },
    ]);
    const [run = ""] = (await readdir(path.join(workspace, ".squall"))).filter((name) => /^\d/.test(name));
    const result = JSON.parse(
      await readFile(path.join(workspace, ".squall", run, "result.json"), "utf8"),
    ) as {
      readonly measured: readonly { readonly scenario: string }[];
    };
    expect(result.measured.map(({ scenario }) => scenario)).toEqual(["control", "llm-slow"]);
  },
  2 * MINUTES,
);

test(
  "a baseline in artifacts is read from the default branch's last good run, and from no other",
  async () => {
    await using world = await startWorld();
    const { github, base } = world;
    const { repository } = github;
    const inputs = { baseline: "artifact", upload: "false" };
    const run = repository.addRun({ id: RUN, headSha: base });
    const stored = await world.step({
      ...pushRun(world, base, base),
      inputs: { ...inputs, mode: "baseline" },
    });
    expect(stored.code).toBe(0);
    expect([...repository.artifacts.values()].map(({ name }) => name)).toEqual(["squall-baseline-tiny"]);
    expect(repository.branch("squall-baselines")).toBeUndefined();

    const pull = world.openPull({ "README.md": "changed" });
    const end = await world.step({ ...pullRequestRun(world, pull), inputs });
    expect(end.outputs["baseline-commit"]).toBe(base);
    expect(end.outputs["verdict"]).toMatch(/^(pass|inconclusive)$/);

    repository.workflowRuns.set(run.id, { ...run, conclusion: "failure" });
    const without = await world.step({ ...pullRequestRun(world, pull), inputs });
    expect(without.outputs).toMatchObject({ verdict: "no-baseline", "baseline-commit": "" });
  },
  3 * MINUTES,
);
