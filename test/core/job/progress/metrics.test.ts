import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { metricsReader } from "../../../../src/core/job/progress/metrics.ts";

const reader = () => metricsReader({ step: "train_step", loss: "train_loss" });
const page = (step: string, loss: string) =>
  `# TYPE train_step gauge\ntrain_step ${step}\n# TYPE train_loss gauge\ntrain_loss ${loss}\n`;

test("a page tells a step where it is another than before, also an earlier one", () => {
  const read = reader();
  expect(read(page("3", "2.5"))).toEqual([{ type: "step", step: 3, loss: 2.5 }]);
  expect(read(page("3", "2.4"))).toEqual([]);
  expect(read(page("2", "2.6"))).toEqual([{ type: "step", step: 2, loss: 2.6 }]);
});

test("NaN and infinity are told, and a loss that is not there or not to be read is none", () => {
  expect(reader()(page("3", "NaN"))).toEqual([{ type: "step", step: 3, loss: Number.NaN }]);
  expect(reader()(page("3", "+Inf"))).toEqual([{ type: "step", step: 3, loss: Infinity }]);
  expect(reader()(page("3", "-Inf"))).toEqual([{ type: "step", step: 3, loss: -Infinity }]);
  expect(reader()(page("3", "much"))).toEqual([{ type: "step", step: 3, loss: null }]);
  expect(reader()("train_step 3")).toEqual([{ type: "step", step: 3, loss: null }]);
  expect(metricsReader({ step: "train_step" })(page("3", "2"))).toEqual([
    { type: "step", step: 3, loss: null },
  ]);
});

test("of several series the furthest step counts, and the first loss", () => {
  const text =
    'train_step{rank="0"} 7\ntrain_step{rank="1"} 9\ntrain_loss{rank="0"} 1.5\ntrain_loss{rank="1"} 2.5\n';
  expect(reader()(text)).toEqual([{ type: "step", step: 9, loss: 1.5 }]);
});

test.each(["0", "-1", "2.5", "2147483648", "NaN", "+Inf", "x"])("a gauge at %s is no step", (step) => {
  expect(reader()(page(step, "1"))).toEqual([]);
});

test("a restarted process's gauge that is not set yet is no return to the start", () => {
  const read = reader();
  expect(
    [page("40", "1"), page("0", "0"), page("41", "1")].flatMap((text) => read(text)).map(({ step }) => step),
  ).toEqual([40, 41]);
});

test("no page makes it throw", () => {
  const read = reader();
  assert(property(string({ maxLength: 500 }), (text) => void read(`train_step${text}\ntrain_loss ${text}`)));
});
