import { array, assert, constantFrom, double, integer, oneof, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { lineReader } from "../../../../src/core/job/progress/reader.ts";
import { JOB_LOG_FORMATS, type JobLogFormat } from "../../../../src/core/job/workload.ts";
import { recorded, told } from "./told.ts";

const auto = () => lineReader({ format: "auto" }, {});

describe("the format is found", () => {
  test("by the first step, and then kept", () => {
    expect(
      told(auto(), "saving checkpoint to out", "iter 3: loss 2.0, time 1ms", '{"step": 4, "loss": 1}'),
    ).toBe("saving@? saved@? 3:2");
  });

  test("bars without a title are read, but do not tell the Trainer", () => {
    expect(
      told(
        auto(),
        "  1%|▏| 1/100 [00:00<?, ?it/s]",
        '{"step": 1, "loss": 2}',
        "  2%|▏| 2/100 [00:00<?, ?it/s]",
      ),
    ).toBe("1:? 1:2");
  });

  test("lines of nothing known tell nothing", () => {
    expect(told(auto(), "", "hello", "step", "loss: 3", "epoch 1 step 2 loss 3", "{}", "{")).toBe("");
  });
});

describe("skipped steps", () => {
  test.each([
    "Gradient overflow.  Skipping step, loss scaler 0 reducing loss scale to 32768.0",
    "[2024-09-11 17:52:18,030] [INFO] [loss_scaler.py:183:update_scale] [deepspeed] OVERFLOW! Rank 0 Skipping step. Attempted loss scale: 65536, but hysteresis is 2. Reducing hysteresis to 1",
    "[2022-07-05 16:29:55,795] [INFO] [logging.py:69:log_dist] [Rank 0] Overflow detected. Skipping step. Attempted loss scale: 268435456.0, reducing to 134217728.0",
  ])("are told by scalers in every format that does not count them itself: %s", (line) => {
    for (const format of ["torchtitan", "nanogpt", "hf-trainer", "lightning", "jsonl", "auto"] as const)
      expect(told(lineReader({ format }, {}), line)).toBe("skipped@?");
    expect(told(lineReader({ format: "megatron" }, {}), line)).toBe("");
    const found = auto();
    told(found, ...recorded("megatron"));
    expect(told(found, line)).toBe("");
  });

  test("are at most a thousand a line", () => {
    const line = (skipped: number) =>
      ` iteration        3/     100 | lm loss: 1.0E+00 | number of skipped iterations: ${skipped} |`;
    const events = lineReader({ format: "megatron" }, {})(line(2_000_000_000));
    expect(events.length).toBe(1001);
  });
});

describe("own patterns", () => {
  const own = {
    step: (line: string) => (line.startsWith("S") ? { step: Number(line.slice(1)), loss: null } : null),
    saved: (line: string) => (line === "done" ? { step: 9 } : null),
  };

  test("stand in for what the format tells of their kind, and for nothing else", () => {
    const read = lineReader({ format: "nanogpt" }, own);
    expect(
      told(
        read,
        "iter 3: loss 2.0, time 1ms",
        "S4",
        "saving checkpoint to out",
        "iter 5: loss 1, time 1ms",
        "done",
      ),
    ).toBe("4:? saving@? saved@9");
  });

  test("see each part of a line with carriage returns", () => {
    expect(told(lineReader({ format: "auto" }, own), "S1\rS2\r\rdone\r")).toBe("1:? 2:? saved@9");
  });
});

describe("hostile lines", () => {
  const PIECES = [
    ...Array.from("{}[]\"'\\|:/,%<>\r\t 0123456789-."),
    "iteration ",
    "iter ",
    "Epoch 0:",
    "step: ",
    "loss: ",
    " lm loss: ",
    "{'loss': ",
    "'epoch': ",
    "NaN",
    "-Infinity",
    '{"step": ',
    "0%|",
    "| 1/2 [",
    "checkpoint-",
    "saving checkpoint to ",
    "Saving model checkpoint to ",
    "Num Epochs = ",
    "Total optimization steps = ",
    "Continuing training from global step ",
    "number of skipped iterations: ",
  ];
  const line = oneof(
    string({ maxLength: 4096 }),
    array(constantFrom(...PIECES), { maxLength: 200 }).map((parts) => parts.join("")),
  );

  test.each([...JOB_LOG_FORMATS, "auto"] as const)(
    "%s never throws, and tells steps of the count alone",
    (format) => {
      assert(
        property(array(line, { maxLength: 8 }), (lines) => {
          const read = lineReader({ format }, {});
          const steps = lines
            .flatMap((text) => read(text))
            .flatMap(({ step }) => (step === null ? [] : [step]));
          expect(steps.filter((step) => !Number.isInteger(step) || step < 0 || step >= 2 ** 31)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );

  test.each([
    ["megatron", " iteration %s/ 100 | lm loss: 1.0E+00 |"],
    ["torchtitan", "step: %s  loss:  1.0"],
    ["nanogpt", "iter %s: loss 1.0, time 1ms"],
    ["hf-trainer", "  0%|  | %s/100 [00:00<?, ?it/s]"],
    ["lightning", "Epoch 0:  25%|  | %s/4294967296 [00:00<00:00, 9it/s]"],
    ["jsonl", '{"step": %s, "loss": 1.0}'],
  ] as const)("%s: a negative step and one beyond 2^31 are none", (format, pattern) => {
    const steps = (step: string) => told(lineReader({ format }, {}), pattern.replace("%s", step));
    expect(steps("2147483648")).toBe("");
    expect(steps("-5")).toBe("");
    expect(steps("99999999999999999999")).toBe("");
    expect(steps("2147483647")).toMatch(/^2147483647:/);
  });
});

describe("a line as the format writes it tells its step and loss", () => {
  const WRITERS: Readonly<
    Record<Exclude<JobLogFormat, "lightning">, (step: number, loss: string) => readonly string[]>
  > = {
    megatron: (step, loss) => [
      ` iteration ${String(step).padStart(8)}/  250000 | consumed samples:       186368 | lm loss: ${loss} | loss scale: 1.0 | number of skipped iterations:   0 |`,
    ],
    torchtitan: (step, loss) => [
      `[titan] - root - INFO - step: ${step}  loss: ${loss.padStart(8)}  memory: 1`,
    ],
    nanogpt: (step, loss) => [`iter ${step}: loss ${loss}, time 31.12ms, mfu 1.00%`],
    "hf-trainer": (step, loss) => [
      "  0%|          | 0/2147483647 [00:00<?, ?it/s]",
      `{'loss': ${loss}, 'grad_norm': 1.0, 'epoch': 0.5}`,
      `  0%|          | ${step}/2147483647 [00:00<00:00, 9.9it/s]`,
    ],
    jsonl: (step, loss) => [`{"step": ${step}, "loss": ${loss === "-inf" ? "-Infinity" : loss}}`],
  };
  const written = oneof(
    double({ min: 1e-6, max: 1e6, noNaN: true }).map((loss) => [String(loss), loss] as const),
    constantFrom(["NaN", Number.NaN] as const, ["-inf", -Infinity] as const),
  );

  test.each(Object.keys(WRITERS) as (keyof typeof WRITERS)[])("%s", (format) => {
    assert(
      property(tuple(integer({ min: 1, max: 2 ** 31 - 1 }), written), ([step, [text, loss]]) => {
        const read = lineReader({ format }, {});
        expect(WRITERS[format](step, text).flatMap((line) => read(line))).toEqual([
          { type: "step", step, loss },
        ]);
      }),
    );
  });
});
