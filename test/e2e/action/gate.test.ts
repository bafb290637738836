/** The shipped Action on pull requests, as the runner spawns it, against a stand-in for GitHub that checks every request. */
import { expect, test } from "vitest";
import { readMarker } from "../../../src/core/report/marker.ts";
import { pullRequestRun, pushRun, startWorld, tinySuite } from "../../support/action/world.ts";

const MINUTES = 60_000;

test(
  "a baseline from the default branch, then a careless pull request: blocked, commented on, explained",
  async () => {
    await using world = await startWorld();
    const { github, base } = world;
    const stored = await world.step({ ...pushRun(world, base, base), inputs: { mode: "baseline" } });
    expect(stored.log).toContain("Baseline of tiny: 1 run kept");
    expect(stored.code).toBe(0);
    expect(stored.outputs["baseline-commit"]).toBe(base);
    expect(github.repository.branch("squall-baselines")).toBeDefined();

    const pull = world.openPull({ "squall.yml": tinySuite({ careless: true }) });
    const end = await world.step(pullRequestRun(world, pull));
    expect(end.log).toMatch(/Less resilient under 1 of 1 fault/);
    expect(end.code).toBe(1);
    expect(end.outputs).toMatchObject({
      verdict: "regressed",
      conclusion: "failure",
      "exit-code": "1",
      "baseline-commit": base,
    });
    expect(JSON.parse(end.outputs["findings"] ?? "")).toContainEqual(
      expect.objectContaining({ id: "llm-fails/regression", severity: "block" }),
    );
    const [comment, ...more] = github.repository.commentsOf(pull.number);
    expect(more).toEqual([]);
    expect(comment?.body).toContain(end.outputs["headline"]?.split(":")[0]);
    expect(comment?.body).toContain(`squall: accept ${pull.headSha.slice(0, 7)}`);
    expect(readMarker(comment?.body ?? "")).toMatchObject({
      head: pull.headSha,
      findings: ["llm-fails/regression"],
    });
    expect(end.outputs["comment-url"]).toContain(`#issuecomment-${comment?.id}`);
    expect(end.summary).toContain("Less resilient");
    expect(end.annotations).toContainEqual(
      expect.objectContaining({ level: "error", file: "squall.yml", line: "7" }),
    );
    expect([...(await world.artifacts.uploaded()).keys()]).toContain("squall-tiny-attempt-1");

    // Whoever wrote the description may write to the repository: so may everybody who can edit it.
    github.repository.collaborators.set("octocat", "write");
    pull.body = `Meant so.\n\nsquall: accept ${pull.headSha.slice(0, 7)} llm-fails/regression`;
    const again = await world.step({ ...pullRequestRun(world, pull), attempt: 2 });
    expect(again.outputs).toMatchObject({ verdict: "regressed", conclusion: "success" });
    expect(again.code).toBe(0);
    expect(github.repository.commentsOf(pull.number)).toHaveLength(1);
    expect(github.repository.commentsOf(pull.number)[0]?.body).toMatch(/accepted by .*octocat/);
  },
  4 * MINUTES,
);
