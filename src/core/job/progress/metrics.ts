import type { ProgressEvent } from "../progress-event.ts";

const gauge = (page: string, name: string): number | null => {
  const line = page.split("\n").find((text) => text.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1).trim());
};

export const metricsReader = (names: {
  step: string;
  loss?: string;
}): ((page: string) => readonly ProgressEvent[]) => {
  let last: number | null = null;
  return (page) => {
    const step = gauge(page, names.step);
    if (step === null || step === last) return [];
    last = step;
    return [{ type: "step", step, loss: names.loss === undefined ? null : gauge(page, names.loss) }];
  };
};
