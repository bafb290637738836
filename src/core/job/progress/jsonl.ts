import type { ProgressEvent } from "../progress-event.ts";
import type { ReadLine } from "./reader.ts";

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
};

export const jsonlReader = (): ReadLine => (line) => {
  const value = parsed(line);
  if (typeof value !== "object" || value === null || !("step" in value)) return [];
  const { step, loss } = value as { step: unknown; loss?: unknown };
  if (typeof step !== "number") return [];
  const event: ProgressEvent = { type: "step", step, loss: typeof loss === "number" ? loss : null };
  return [event];
};
