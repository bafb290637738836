/** What both training examples must do, whatever they are written in. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Breakage, startBrokenStore } from "./broken-store.ts";
import {
  type Life,
  lossesOf,
  type Servers,
  startServers,
  type TrainingExample,
  train,
} from "./training-example.ts";

/** Three saves are enough for every case, and a run takes about a second and a half. */
const STEPS = 30;
/** MiB/s: half a second a save, so that a kill at the first step after one comes long before the next is whole, on a busy machine too. */
const SLOW_SAVES = { SAVE_PACE: "8" };

interface Trained {
  readonly lives: readonly Life[];
  readonly losses: ReadonlyMap<number, string>;
  /** Bytes of the last checkpoint. */
  readonly last: Buffer;
}

/** What happens to a life at each of its lines. */
type AtLine = (line: string, kill: () => void, checkpoints: string) => void;

export const describeTraining = (example: TrainingExample): void => {
  let servers: Servers;
  let calm: Trained;
  const directories: string[] = [];

  const emptyDirectory = (): string => {
    const directory = mkdtempSync(path.join(tmpdir(), "squall-train-"));
    directories.push(directory);
    return directory;
  };

  const live = (
    checkpoints: string,
    atLine: AtLine = () => undefined,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Life> =>
    train(
      example,
      { ...servers.env, ...env, CHECKPOINT_DIR: checkpoints, STEPS: String(STEPS) },
      (line, kill) => atLine(line, kill, checkpoints),
    );

  const lastOf = (checkpoints: string): Buffer => readFileSync(path.join(checkpoints, example.fileOf(STEPS)));

  /** One life for each of `atLines`, in the same directory, then one that is left alone. */
  const trained = async (...atLines: readonly AtLine[]): Promise<Trained> => {
    const checkpoints = emptyDirectory();
    const lives: Life[] = [];
    for (const atLine of [...atLines, undefined])
      lives.push(await live(checkpoints, atLine, atLine === undefined ? {} : SLOW_SAVES));
    return { lives, losses: lossesOf(example, lives), last: lastOf(checkpoints) };
  };

  const stepOf = (line: string): number => Number(example.step.exec(line)?.[1] ?? Number.NaN);
  const killAt =
    (step: number): AtLine =>
    (line, kill) => {
      if (stepOf(line) === step) kill();
    };
  const savingOf = (line: string): number => Number(example.saving.exec(line)?.[1] ?? Number.NaN);
  const resumedAt = ({ lines }: Life): number[] =>
    lines.flatMap((line) => example.loaded.exec(line)?.[1] ?? []).map(Number);

  beforeAll(async () => {
    servers = await startServers(example);
    calm = await trained();
  });
  afterAll(async () => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
    await servers?.[Symbol.asyncDispose]();
  });

  test("learns, and keeps the last two checkpoints alone", async () => {
    const losses = [...calm.losses.values()].map(Number);
    expect([...calm.losses.keys()]).toEqual(Array.from({ length: STEPS }, (_, index) => index + 1));
    const mean = (from: number, to: number): number =>
      losses.slice(from, to).reduce((sum, loss) => sum + loss, 0) / (to - from);
    expect(mean(STEPS - 5, STEPS)).toBeLessThan(0.9 * mean(0, 5));
    expect(readdirSync(directories[0] as string).toSorted()).toEqual(
      [example.fileOf(STEPS - 10), example.fileOf(STEPS)].toSorted(),
    );
  });

  test("killed between saves, it goes on as if nothing had happened, bit for bit", async () => {
    const { lives, losses, last } = await trained(killAt(2), killAt(11), killAt(21));
    expect(lives.map(({ signal }) => signal)).toEqual(["SIGKILL", "SIGKILL", "SIGKILL", null]);
    expect(lives.map(resumedAt)).toEqual([[], [], [10], [20]]);
    expect(losses).toEqual(calm.losses);
    expect(last.equals(calm.last)).toBe(true);
  });

  test("killed during a save, it has the one before, and goes on from that, bit for bit", async () => {
    const checkpoints = emptyDirectory();
    const partial = path.join(checkpoints, `${example.fileOf(20)}.partial`);
    // So slow (MiB/s) that the save is far from done when its first chunks are seen, however busy this machine is.
    const first = await live(
      checkpoints,
      (line, kill) => {
        if (savingOf(line) !== 20) return;
        const looking = setInterval(() => {
          if (!existsSync(partial) || statSync(partial).size === 0) return;
          clearInterval(looking);
          kill();
        }, 5);
        looking.unref();
      },
      { SAVE_PACE: "1" },
    );
    expect(first.signal).toBe("SIGKILL");
    expect(statSync(partial).size).toBeGreaterThan(0);
    const second = await live(checkpoints);
    expect(resumedAt(second)).toEqual([10]);
    expect(lossesOf(example, [first, second])).toEqual(calm.losses);
    expect(lastOf(checkpoints).equals(calm.last)).toBe(true);
  });

  test.each([
    ["cut", (file: string) => truncateSync(file, 3_000_000)],
    ["empty", (file: string) => truncateSync(file, 0)],
  ])("passes over a newest checkpoint that is %s", async (_, harm) => {
    const checkpoints = emptyDirectory();
    const first = await live(checkpoints, killAt(21), SLOW_SAVES);
    harm(path.join(checkpoints, example.fileOf(20)));
    const second = await live(checkpoints);
    expect(resumedAt(second).at(-1)).toBe(10);
    expect(lossesOf(example, [first, second])).toEqual(calm.losses);
    expect(lastOf(checkpoints).equals(calm.last)).toBe(true);
  });

  test("does not begin again at step 0 where no checkpoint can be read", async () => {
    const checkpoints = emptyDirectory();
    await live(checkpoints, killAt(11), SLOW_SAVES);
    truncateSync(path.join(checkpoints, example.fileOf(10)), 1000);
    const { code, lines } = await live(checkpoints);
    expect(code).toBe(1);
    expect(lines.join("\n")).toContain("can be read");
    expect(lines.some((line) => example.step.test(line))).toBe(false);
  });

  test("a full disk costs one checkpoint: the older one stays, and the training goes on", async () => {
    const checkpoints = emptyDirectory();
    // Whatever is written to /dev/full fails as on a disk without room. What an earlier life left is cleared before the first step.
    const first = await live(
      checkpoints,
      (line, kill) => {
        if (stepOf(line) === 1)
          symlinkSync("/dev/full", path.join(checkpoints, `${example.fileOf(20)}.partial`));
        if (stepOf(line) === 21) kill();
      },
      SLOW_SAVES,
    );
    expect(first.lines.join("\n")).toMatch(/no checkpoint at step 20, going on: .*(ENOSPC|No space left)/i);
    expect(readdirSync(checkpoints)).toEqual([example.fileOf(10)]);
    const second = await live(checkpoints);
    expect(resumedAt(second)).toEqual([10]);
    expect(lossesOf(example, [first, second])).toEqual(calm.losses);
    expect(lastOf(checkpoints).equals(calm.last)).toBe(true);
  });

  test.each<Breakage>(["unavailable", "truncated", "corrupt", "silent"])(
    "reads an answer that is %s again, from each of its services",
    async (breakage) => {
      const broken = breakage === "silent" ? [1] : [1, 2, 5, 6, 7];
      for (const variable of Object.keys(servers.env)) {
        await using store = await startBrokenStore(servers.env[variable] as string, (call) =>
          broken.includes(call) ? breakage : null,
        );
        const checkpoints = emptyDirectory();
        const life = await live(checkpoints, undefined, { [variable]: store.url });
        expect(life.code).toBe(0);
        expect(store.calls()).toBeGreaterThan(broken[0] as number);
        expect(lossesOf(example, [life])).toEqual(calm.losses);
        expect(lastOf(checkpoints).equals(calm.last)).toBe(true);
      }
    },
  );

  test("ends with an error, not with data that it made up, where the store never answers well", async () => {
    await using store = await startBrokenStore(servers.env["DATA_URL"] as string, (call) =>
      call > 5 ? "corrupt" : null,
    );
    const { code, lines } = await live(emptyDirectory(), undefined, { DATA_URL: store.url });
    expect(code).toBe(1);
    expect(lines.join("\n")).toContain("could not be read");
  });
};
