/**
 * Are the training examples' unchanged code what a careless change is measured against? Each is killed with SIGKILL at random moments,
 * started again until it is done, and compared with a run that nobody killed: every step's loss, and the last checkpoint's bytes.
 *
 *   node bench/job-kills.ts [--example js|python|both] [--runs 50] [--steps 60] [--seed 1]
 *
 * Exits 1 where a run did not complete, a loss differs, or a restart found no checkpoint though one was saved.
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import {
  type Life,
  lossesOf,
  startServers,
  TRAIN_JS,
  TRAIN_PYTHON,
  type TrainingExample,
  train,
} from "../test/examples/support/training-example.ts";

const { values } = parseArgs({
  options: {
    example: { type: "string", default: "both" },
    runs: { type: "string", default: "50" },
    steps: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
  },
});

/** Longer than a whole run takes: some lives end by themselves. */
const LONGEST_LIFE_MS = 2500;
const SAVE_MS = 130;
const random = xoroshiro128plus(Number(values.seed));

interface Story {
  readonly lives: readonly Life[];
  readonly losses: ReadonlyMap<number, string>;
  readonly digest: string;
}

const story = async (
  example: TrainingExample,
  env: Readonly<Record<string, string>>,
  kills: number,
): Promise<Story> => {
  const checkpoints = await mkdtemp(path.join(tmpdir(), "squall-kills-"));
  try {
    const lives: Life[] = [];
    do {
      let timer: NodeJS.Timeout | undefined;
      const mayDie = lives.length < kills;
      // Every other life ends in one of its first two saves: the moments that matter most.
      const inSave = lives.length % 2 === 1;
      const lifeMs = inSave ? uniformInt(random, 0, SAVE_MS) : uniformInt(random, 100, LONGEST_LIFE_MS);
      let saves = uniformInt(random, 1, 2);
      const life = await train(
        example,
        { ...env, CHECKPOINT_DIR: checkpoints, STEPS: values.steps },
        (line, kill) => {
          if (!mayDie || !inSave || !example.saving.test(line)) return;
          saves -= 1;
          if (saves === 0) timer = setTimeout(kill, lifeMs);
        },
        (kill) => {
          if (mayDie && !inSave) timer = setTimeout(kill, lifeMs);
        },
      );
      clearTimeout(timer);
      lives.push(life);
    } while (lives.at(-1)?.signal === "SIGKILL");
    const last = await readFile(path.join(checkpoints, example.fileOf(Number(values.steps)))).catch(
      () => "none",
    );
    return {
      lives,
      losses: lossesOf(example, lives),
      digest: createHash("sha256").update(last).digest("hex"),
    };
  } finally {
    await rm(checkpoints, { recursive: true, force: true });
  }
};

const any = ({ lines }: Life, pattern: RegExp): boolean => lines.some((line) => pattern.test(line));

/** What is wrong with it; "" for nothing. */
const wrongWith = (example: TrainingExample, { lives, losses, digest }: Story, calm: Story): string => {
  if (lives.at(-1)?.code !== 0) return `ended with ${lives.at(-1)?.code}: ${lives.at(-1)?.lines.at(-1)}`;
  for (const [step, loss] of calm.losses)
    if (losses.get(step) !== loss) return `step ${step} had the loss ${losses.get(step)}, not ${loss}`;
  if (digest !== calm.digest) return "the last checkpoint has other bytes";
  const firstSave = lives.findIndex((life) => any(life, example.saved));
  const later = lives.slice(firstSave + 1).filter((life) => any(life, example.step));
  return firstSave >= 0 && later.some((life) => !any(life, example.loaded)) ? "began again at step 0" : "";
};

const measure = async (name: string, example: TrainingExample): Promise<void> => {
  await using servers = await startServers(example);
  const calm = await story(example, servers.env, 0);
  let kills = 0;
  let inSave = 0;
  let wrong = 0;
  for (let run = 1; run <= Number(values.runs); run++) {
    const told = await story(example, servers.env, 4);
    const killed = told.lives.filter(({ signal }) => signal === "SIGKILL");
    kills += killed.length;
    inSave += killed.filter(({ lines }) => example.saving.test(lines.at(-1) ?? "")).length;
    const why = wrongWith(example, told, calm);
    if (why === "") continue;
    wrong += 1;
    console.log(`  run ${run}: ${why}`);
  }
  console.log(
    `${name}: ${kills} kills in ${values.runs} runs, ${inSave} of them during a save; ${wrong} runs differ from the one that nobody killed`,
  );
  if (wrong > 0 || kills === 0) process.exitCode = 1;
};

if (values.example !== "python") await measure("train-js", TRAIN_JS);
if (values.example !== "js") await measure("train-python", TRAIN_PYTHON);
