/** Start-up time of the built command line: `squall --version`, beside node with nothing to do. `node bench/start-up.ts` */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { goal, median } from "./relay/figures.ts";

const SPAWNS = 10;
const GOAL_MS = 150;
const squall = fileURLToPath(new URL("../dist/squall.mjs", import.meta.url));

const timedMs = (args: readonly string[]): number => {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const tookMs = performance.now() - start;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return tookMs;
};

if (!existsSync(squall)) throw new Error("dist/squall.mjs is missing: run `npm run build` first");
const bare: number[] = [];
const version: number[] = [];
// Alternating, so that a noisy moment strikes both.
for (let index = 0; index < SPAWNS; index++) {
  bare.push(timedMs(["-e", "0"]));
  version.push(timedMs([squall, "--version"]));
}
const versionMs = median(version);
console.log(`node -e 0            median ${median(bare).toFixed(0)} ms`);
console.log(
  `squall --version     median ${versionMs.toFixed(0)} ms, least ${Math.min(...version).toFixed(0)} ms, ` +
    `${(versionMs / median(bare)).toFixed(2)} times bare node (${goal(versionMs, "under", GOAL_MS)})`,
);
