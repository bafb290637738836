/** The shipped Action, where the suite names a reference: nobody is alarmed by what is no worse side by side. */
import { expect, test } from "vitest";
import { pullRequestRun, pushRun, startWorld, tinySuite } from "../../support/action/world.ts";

const MINUTES = 60_000;

/** Main has the careless service by now, as its reference says; the stored baseline is older than that. */
const SUITE = `${tinySuite()}reference: { command: node careless.mjs, budget: 20s }\n`;

test(
  "a regression against an old baseline is cleared beside the reference: the job is green, and the comment tells both",
  async () => {
    await using world = await startWorld();
    const { github, base } = world;
    const service = github.repository.objects.files(github.repository.objects.commits.get(base)?.tree ?? "");
    const sha = [...service].find(([name]) => name === "service.mjs")?.[1].sha ?? "";
    const careful = String(github.repository.objects.blobs.get(sha));
    const careless = careful.replace('process.env.CARELESS === "1" ? 1 : 2', "1");
    expect(careless).not.toBe(careful);
    const main = github.repository.commit({
      branch: "main",
      files: { "squall.yml": SUITE, "careless.mjs": careless },
    });
    const stored = await world.step({ ...pushRun(world, base, main), inputs: { mode: "baseline" } });
    expect(stored.code).toBe(0);

    const pull = github.repository.openPull({
      headSha: github.repository.commit({
        parents: [main],
        files: { "squall.yml": SUITE.replace("command: node service.mjs", "command: node careless.mjs") },
      }),
    });
    const end = await world.step({ ...pullRequestRun(world, pull), inputs: { comment: "always" } });
    expect(end.log).toContain("side by side with the reference");
    expect(end.outputs).toMatchObject({ verdict: "pass", conclusion: "success" });
    expect(end.code).toBe(0);
    const [comment] = github.repository.commentsOf(pull.number);
    expect(comment?.body).toContain("Cleared side by side with the base");
    expect(comment?.body).toContain(
      "Against the stored baseline: regressed. Measured again side by side with the reference, no change that matters is left.",
    );
  },
  4 * MINUTES,
);
