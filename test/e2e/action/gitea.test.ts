/** The shipped Action on a server that answers as Gitea does: the same verdict, and a notice for what it lacks. */
import { expect, test } from "vitest";
import { pullRequestRun, pushRun, startWorld, tinySuite } from "../../support/action/world.ts";

const MINUTES = 60_000;
const env = { GITEA_ACTIONS: "true" };
/** As whom a workflow's own token writes there. */
const TOKEN = { login: "gitea-actions" };

test(
  "a careless pull request is blocked, commented on and given a status; a check run is a notice",
  async () => {
    await using world = await startWorld({}, "gitea");
    const { github, base } = world;
    github.repository.collaborators.set(TOKEN.login, "write");
    const inputs = { baseline: "directory:../baselines", upload: "false" };
    const stored = await world.step(
      {
        ...pushRun(world, base, base),
        env,
        inputs: { ...inputs, mode: "baseline" },
      },
      TOKEN,
    );
    expect(stored.code).toBe(0);

    const pull = world.openPull({ "squall.yml": tinySuite({ careless: true }) });
    const end = await world.step(
      {
        ...pullRequestRun(world, pull),
        env,
        inputs: { ...inputs, check: "status" },
      },
      TOKEN,
    );
    expect(end.outputs).toMatchObject({ verdict: "regressed", conclusion: "failure" });
    expect(end.code).toBe(1);
    expect(github.repository.commentsOf(pull.number)[0]?.body).toContain("Less resilient");
    expect(github.repository.statuses).toMatchObject([{ sha: pull.headSha, state: "failure" }]);

    const again = await world.step(
      {
        ...pullRequestRun(world, pull),
        attempt: 2,
        env,
        inputs: { ...inputs, check: "check-run" },
      },
      TOKEN,
    );
    expect(again.outputs["verdict"]).toBe("regressed");
    expect(github.repository.commentsOf(pull.number)).toHaveLength(1);
    expect(github.repository.checkRuns.size).toBe(0);
    expect(again.log).toMatch(/check: status/);
  },
  4 * MINUTES,
);

test(
  "a data branch is refused before anything is measured, with what to use instead",
  async () => {
    await using world = await startWorld({}, "gitea");
    const pull = world.openPull({ "README.md": "changed" });
    const end = await world.step({ ...pullRequestRun(world, pull), env }, TOKEN);
    expect(end.code).toBe(3);
    expect(end.outputs["verdict"]).toBeUndefined();
    expect(end.log).toContain("baseline: artifact, file:<directory> or directory:<path>");
  },
  MINUTES,
);
