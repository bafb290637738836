/** How much delay a real service stands, found with real windows through the real sidecar. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { Result } from "../../src/core/verdict.ts";
import { tinyProject } from "./support/tiny-project.ts";

const MINUTES = 60_000;
/** The service takes a few ms by itself: half of its answers are later than 400 ms where the model is 400 ms late. */
const SLOW =
  '{ name: llm-slow, frontier: { fault: latency, on: llm, of: delay, from: 0ms, to: 1s }, expect: { p50: "<= 400ms" } }';

test(
  "a search ends a little below the delay that the expectation allows, and is told in every report",
  async () => {
    await using tiny = await tinyProject({ experiments: [SLOW], gate: "budget: 40s, minAchieved: 50%" });
    const run = await tiny.squall("run", "--quiet");
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("No baseline yet: 1 frontier searched");
    const [name = ""] = (await readdir(path.join(tiny.directory, ".squall"))).filter((each) =>
      /^\d/.test(each),
    );
    const directory = path.join(tiny.directory, ".squall", name);
    const { frontiers = [] } = JSON.parse(
      await readFile(path.join(directory, "result.json"), "utf8"),
    ) as Result;
    expect(frontiers).toHaveLength(1);
    const head = frontiers[0]?.head;
    expect(head?.reach).toBe("between");
    // A busy machine adds its own to the delay, and never takes of it.
    expect(head?.tolerated).toBeGreaterThanOrEqual(125);
    expect(head?.tolerated).toBeLessThanOrEqual(400);
    expect(head?.interval[1]).toBeLessThanOrEqual(520);
    const comment = await tiny.squall("report", "--format", "markdown");
    expect(comment.stdout).toMatch(/llm latency, delay: tolerates \d+ ms/);
  },
  2 * MINUTES,
);
