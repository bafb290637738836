/** The shipped Action on pull requests, as the runner spawns it, against a stand-in for GitHub that checks every request. */
import { readFile } from "node:fs/promises";
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
    // The stand-in's artifacts are those of one run, and the baseline's was its first attempt.
    const end = await world.step({ ...pullRequestRun(world, pull), attempt: 2 });
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
    const uploaded = await world.artifacts.uploaded();
    expect([...uploaded.keys()]).toEqual(
      expect.arrayContaining(["squall-tiny-attempt-2", "squall-tiny-attempt-2.html"]),
    );
    // As it is, not in an archive: it opens where the comment's link leads.
    const page = uploaded.get("squall-tiny-attempt-2.html")?.content.toString("utf8") ?? "";
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain("<figure");
    expect(page).toBe(await readFile(end.outputs["page-path"] ?? "", "utf8"));
    expect(end.outputs["page-url"]).toMatch(/\/artifacts\/\d+$/);
    expect(comment?.body).toContain(`[Look at the report](<${end.outputs["page-url"]}>)`);

    // Whoever wrote the description may write to the repository: so may everybody who can edit it.
    github.repository.collaborators.set("octocat", "write");
    pull.body = `Meant so.\n\nsquall: accept ${pull.headSha.slice(0, 7)} llm-fails/regression`;
    const again = await world.step({ ...pullRequestRun(world, pull), attempt: 3 });
    expect(again.outputs).toMatchObject({ verdict: "regressed", conclusion: "success" });
    expect(again.code).toBe(0);
    expect(github.repository.commentsOf(pull.number)).toHaveLength(1);
    expect(github.repository.commentsOf(pull.number)[0]?.body).toMatch(/accepted by .*octocat/);
  },
  4 * MINUTES,
);
