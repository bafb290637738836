import type { PlannedRequest } from "../ports.ts";
import type { PlannedWindow, Stretch } from "./plan.ts";

/** Some windows of a stretch, one right after the other, each with its requests and their hits as planned. */
export const pickWindows = (stretch: Stretch, wanted: ReadonlySet<number>): Stretch => {
  const requests: PlannedRequest[] = [];
  const windows: PlannedWindow[] = [];
  let offsetMs = 0;
  for (const window of stretch.windows) {
    if (!wanted.has(window.index)) continue;
    const firstSlot = requests.length;
    for (const request of stretch.requests.slice(window.firstSlot, window.endSlot)) {
      requests.push({
        ...request,
        slot: requests.length,
        atMs: request.atMs - window.offsetMs + offsetMs,
      });
    }
    windows.push({ ...window, offsetMs, firstSlot, endSlot: requests.length });
    offsetMs += window.durationMs;
  }
  const inside = new Set(windows.map(({ scenario }) => scenario));
  const faults = stretch.faults.filter(({ id }) => inside.has(id.slice(0, id.lastIndexOf("#"))));
  return { ...stretch, windows, requests, faults, durationMs: offsetMs };
};
