/**
 * A training job that does no arithmetic: counts steps, keeps a checkpoint, logs as nanoGPT does. What it does besides, its environment
 * says. Conduct that must show itself once over all restarts leaves a mark among the checkpoints.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const env = process.env;
const number = (name: string, otherwise: number): number => Number(env[name] ?? otherwise);
const steps = number("STEPS", 10);
const stepMs = number("STEP_MS", 5);
const saveEvery = number("SAVE_EVERY", 0);
const holdAt = new Set((env["HOLD_AT"] ?? "").split(",").filter(Boolean).map(Number));
const checkpoints = env["CHECKPOINT_DIR"] ?? ".";
const rank = env["RANK"] ?? "0";
const checkpoint = `${checkpoints}/rank-${rank}.json`;
const dataUrl = env["DATA_URL"];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const never = new Promise<never>(() => undefined);
/** True the first time in the run's life. */
const once = (name: string): boolean => {
  const mark = `${checkpoints}/mark-${name}-${rank}`;
  if (existsSync(mark)) return false;
  writeFileSync(mark, "");
  return true;
};

// Keeps the process: a promise alone would not.
setInterval(() => undefined, 60_000);

const save = async (step: number): Promise<void> => {
  // Until it is killed. Marked before the save is told: the kill may come at once.
  const isHeld = env["HOLD_FIRST_SAVE"] !== undefined && once("save");
  say(`saving ${step}`);
  if (isHeld) await never;
  writeFileSync(`${checkpoint}.part`, JSON.stringify({ step }));
  renameSync(`${checkpoint}.part`, checkpoint);
  say(`saved ${step}`);
};

/** Any step is good enough to go on from. */
const load = (): number => {
  if (!existsSync(checkpoint) || env["FROM_ZERO"] !== undefined) return -1;
  const { step } = JSON.parse(readFileSync(checkpoint, "utf8")) as { step: number };
  say(`loaded ${step}`);
  return step;
};

const child = (detached: boolean): void => {
  spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached, stdio: "ignore" }).unref();
};

let gauge = "";
if (env["METRICS"] !== undefined && rank === "0")
  createServer((_, response) => void response.end(gauge)).listen(
    Number(env["PORT"]),
    env["LISTEN"] ?? "127.0.0.1",
  );

if (env["NOTE_DISK"] !== undefined) {
  const note = `${env["SCRATCH_DIR"] ?? ""}/note`;
  say(`disk ${existsSync(note) ? "known" : "empty"}`);
  writeFileSync(note, "");
}
if (env["DIE_AT_ONCE"] !== undefined) process.exit(7);
if (env["LEAVE_CHILD"] !== undefined && once("child")) child(env["LEAVE_CHILD"] === "session");
process.on("SIGTERM", () => process.exit(0));

// Of several workers all but the one that crashes stay until they are ended for it, however late that is.
const outlivesCrash = rank !== (env["CRASH_RANK"] ?? rank) && once("life");
const history: string[] = [];
for (let step = load() + 1; step <= steps; step++) {
  await sleep(stepMs);
  if (dataUrl !== undefined) {
    const { status } = await fetch(`${dataUrl}/shard/${step}`, { headers: { connection: "close" } });
    say(`data ${step} ${status}`);
  }
  if (step === number("HANG_AT", -1) && once("hang")) await never;
  if (step === number("CRASH_AT", -1) && rank === (env["CRASH_RANK"] ?? rank) && once("crash")) {
    // Of several workers the first is there by then: it is to be ended in its first life.
    if (rank !== "0") while (!existsSync(`${checkpoints}/mark-life-0`)) await sleep(5);
    process.exit(3);
  }
  const loss = step === number("NAN_AT", -1) ? "nan" : (10 / (step + 1)).toFixed(4);
  // Until it is killed, so that a slow machine strikes no later step. Marked before the step is told: the kill may come at once.
  const isHeld = holdAt.has(step) && once(`hold-${step}`);
  if (rank === "0" && env["QUIET"] === undefined && step % number("LOG_EVERY", 1) === 0)
    say(`\x1b[32miter ${step}: loss ${loss}\x1b[0m, time 1.00ms`);
  history.push(JSON.stringify({ step, loss: Number(loss) }));
  if (env["METRICS_FILE"] !== undefined) writeFileSync(env["METRICS_FILE"], `${history.join("\n")}\n`);
  gauge = `train_step ${step}\ntrain_loss ${loss}\n`;
  if (isHeld || (outlivesCrash && step === steps - 1)) await never;
  if (saveEvery > 0 && step > 0 && step % saveEvery === 0) await save(step);
}
if (env["STAY"] !== undefined) await never;
say("done");
process.exit(0);
