/** The shipped Action on every event: what it compares, what it refuses, what it leaves on GitHub. */
import { describe, expect, test } from "vitest";
import {
  pullRequestRun,
  pushRun,
  repositoryFacts,
  startWorld,
  tinySuite,
  type World,
} from "../../support/action/world.ts";

const MINUTES = 60_000;

/** What a merge queue's, a hand-started, a scheduled run is given. */
const others = {
  merge_group: (world: World, head: string) => ({
    eventName: "merge_group",
    sha: head,
    ref: "refs/heads/gh-readonly-queue/main/pr-1-" + head,
    event: {
      action: "checks_requested",
      merge_group: {
        head_sha: head,
        head_ref: `refs/heads/gh-readonly-queue/main/pr-1-${head}`,
        base_sha: world.base,
        base_ref: "refs/heads/main",
      },
      repository: repositoryFacts(world),
    },
  }),
  workflow_dispatch: (world: World, head: string) => ({
    eventName: "workflow_dispatch",
    sha: head,
    ref: "refs/heads/change",
    event: { inputs: null, ref: "refs/heads/change", repository: repositoryFacts(world) },
  }),
  schedule: (_: World, head: string) => ({
    eventName: "schedule",
    sha: head,
    ref: "refs/heads/main",
    event: { schedule: "17 4 * * 1" },
  }),
} as const;

describe.each(Object.keys(others) as (keyof typeof others)[])("%s", (name) => {
  test(
    "is compared with the commit that it is built upon, and comments on nothing",
    async () => {
      await using world = await startWorld();
      const { github, base } = world;
      await world.step({ ...pushRun(world, base, base), inputs: { mode: "baseline" } });
      const head = world.change({ "README.md": "changed" });
      github.repository.openPull({ headSha: head });
      const end = await world.step({ ...others[name](world, head), inputs: { seed: "7" } });
      expect(end.log).not.toContain("a defect of squall");
      expect(end.outputs["baseline-commit"]).toBe(base);
      expect(end.outputs["verdict"]).toMatch(/^(pass|inconclusive)$/);
      expect(end.outputs["seed"]).toBe("7");
      expect(end.code).toBe(0);
      expect(github.repository.comments.size).toBe(0);
      expect(end.summary).not.toBe("");
    },
    2 * MINUTES,
  );
});

describe("what is refused", () => {
  test(
    "a baseline asked for by a pull request: nothing is measured or written",
    async () => {
      await using world = await startWorld();
      const pull = world.openPull({ "README.md": "changed" });
      const end = await world.step({ ...pullRequestRun(world, pull), inputs: { mode: "baseline" } });
      expect(end.code).toBe(2);
      expect(end.log).toContain("nothing was measured or written");
      expect(world.github.repository.branch("squall-baselines")).toBeUndefined();
    },
    MINUTES,
  );

  test(
    "pull_request_target, with the reason",
    async () => {
      await using world = await startWorld();
      const pull = world.openPull({});
      const end = await world.step({ ...pullRequestRun(world, pull), eventName: "pull_request_target" });
      expect(end.code).toBe(2);
      expect(end.annotations[0]?.message).toContain("secrets");
      expect(world.github.requests).toEqual([]);
    },
    MINUTES,
  );

  test(
    "inputs that mean nothing, all at once; the token is never shown",
    async () => {
      await using world = await startWorld();
      const pull = world.openPull({});
      const end = await world.step({
        ...pullRequestRun(world, pull),
        token: "ghs_secret",
        inputs: { mode: "gat", seed: "-1", suite: "../squall.yml" },
      });
      expect(end.code).toBe(2);
      for (const part of ["did you mean gate", "seed", "inside the workspace"])
        expect(end.log).toContain(part);
      expect(end.log.replaceAll("::add-mask::ghs_secret", "")).not.toContain("ghs_secret");
    },
    MINUTES,
  );
});

test(
  "validate starts nothing, and names every problem with its place",
  async () => {
    await using world = await startWorld();
    const good = await world.step({
      ...pushRun(world, world.base, world.base),
      inputs: { mode: "validate" },
    });
    expect(good.code).toBe(0);
    expect(good.log).toContain("squall.yml is valid: suite tiny");
    const broken = world.change({ "squall.yml": tinySuite().replace("rate: 40/s", "rate: 40") });
    const bad = await world.step({ ...pushRun(world, world.base, broken), inputs: { mode: "validate" } });
    expect(bad.code).toBe(2);
    expect(bad.log).toMatch(/squall\.yml:5:\d+/);
  },
  MINUTES,
);

test(
  "a baseline that cannot be read fails the step: it is never taken for none",
  async () => {
    await using world = await startWorld();
    const pull = world.openPull({ "README.md": "changed" });
    world.github.fail({ path: /git\/ref\// }, { status: 403 }, 10);
    const end = await world.step(pullRequestRun(world, pull));
    expect(end.code).toBe(3);
    expect(end.outputs["verdict"]).toBeUndefined();
    expect(end.log).toContain("contents: read");
  },
  MINUTES,
);

test(
  "without permission to comment the verdict stands, and a notice names the permission",
  async () => {
    await using world = await startWorld();
    const pull = world.openPull({ "squall.yml": tinySuite({ gate: "onNoBaseline: fail" }) });
    const end = await world.step(
      { ...pullRequestRun(world, pull), inputs: { comment: "always" } },
      { permissions: { contents: "read", metadata: "read", "pull-requests": "read" } },
    );
    expect(end.outputs["verdict"]).toBe("no-baseline");
    expect(end.code).toBe(4);
    expect(
      end.annotations
        .filter(({ level }) => level === "warning")
        .map(({ message }) => message)
        .join("\n"),
    ).toMatch(/not commented on.*write/s);
    expect(world.github.repository.comments.size).toBe(0);
  },
  2 * MINUTES,
);
