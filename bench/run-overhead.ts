/**
 * How much of a run is not spent measuring? One real `squall run` (from dist) of the bundled example with a budget of
 * 120 s: start, calm pass, drains, settling, judging, writing and leaving, against the time of its load windows.
 *
 *   node bench/run-overhead.ts [budget in seconds, default 120]
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Result } from "../src/core/verdict.ts";
import { goal } from "./relay/figures.ts";

const BUDGET_S = Number(process.argv[2] ?? 120);
const GOAL_SHARE = 0.15;
const root = fileURLToPath(new URL("..", import.meta.url));
const squall = path.join(root, "dist", "squall.mjs");
if (!existsSync(squall)) throw new Error("dist/squall.mjs is missing: run `npm run build` first");

/** The example with another budget, in a directory of its own; it finds its packages through the link. */
const copyExample = (scratch: string): string => {
  for (const name of ["answers", "answers-pr"])
    cpSync(path.join(root, "examples", name), path.join(scratch, "examples", name), { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(scratch, "node_modules"));
  const file = path.join(scratch, "examples", "answers", "squall.yml");
  const text = readFileSync(file, "utf8");
  const changed = text.replace(/budget: \d+s/, `budget: ${BUDGET_S}s`);
  if (changed === text && !text.includes(`budget: ${BUDGET_S}s`)) throw new Error(`${file} names no budget`);
  writeFileSync(file, changed);
  return file;
};

const scratch = mkdtempSync(path.join(tmpdir(), "squall-overhead-"));
try {
  const file = copyExample(scratch);
  const args = [squall, "run", "--file", file, "--runtime", "process", "--quiet", "--json"];
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: scratch,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  const tookMs = performance.now() - startMs;
  // 3 with a result: it was measured, but not well enough to judge; its repeats would be counted as overhead.
  if (stdout === "") throw new Error(`squall run ended with ${status}: ${stderr}`);
  const { head, verdict } = JSON.parse(stdout) as Pick<Result, "head" | "verdict">;
  if (verdict.word === "invalid") throw new Error(`run it on a quieter machine: ${verdict.headline}`);
  const share = 1 - head.measuringMs / tookMs;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  console.log(
    `budget ${BUDGET_S} s: the command took ${seconds(tookMs)}, the run ${seconds(head.provenance.durationMs)}, of which ${seconds(head.measuringMs)} measuring`,
  );
  console.log(`not measuring: ${(share * 100).toFixed(1)} % (${goal(share, "under", GOAL_SHARE)})`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
