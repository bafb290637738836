/** What is marked over a run's time: ends of processes, and a detector's alarms. */
import type { DetectorResult } from "../../../detect/result.ts";
import type { Profile } from "../../../profile.ts";
import { timelineOf } from "../../../timeline/timeline.ts";
import type { Result } from "../../../verdict.ts";
import { DETECTOR_WORDS } from "../../detection.ts";
import { isDrawable } from "../series/thin.ts";
import type { Happening, MarkRow } from "./lane-marks.ts";

const endsOf = (profile: Profile): readonly Happening[] =>
  (timelineOf(profile)?.entries ?? [])
    .flatMap((entry): readonly { readonly what: Happening["what"]; readonly atMs: number }[] => {
      if (entry.event === "death") return [{ what: "died", atMs: entry.atMs }];
      if (entry.event !== "kill") return [];
      const { atMs, recoveryMs } = entry;
      return [
        { what: "killed", atMs },
        ...(recoveryMs === null ? [] : [{ what: "recovered" as const, atMs: atMs + recoveryMs }]),
      ];
    })
    .filter(({ atMs }) => isDrawable(atMs))
    .map(({ what, atMs }) => ({ what, atS: atMs / 1000 }));

/** Of the detector that saw most: alarms of all of them in one row would hide each other. */
const alarmsOf = ({ detection = [] }: Result): MarkRow[] => {
  const found = (each: DetectorResult): number =>
    each.scenarios.reduce((sum, scenario) => sum + scenario.found, 0);
  const best = detection.reduce<DetectorResult | undefined>(
    (most, each) => (most === undefined || found(each) > found(most) ? each : most),
    undefined,
  );
  const happenings = (best?.alarms ?? [])
    .filter(({ atMs }) => isDrawable(atMs))
    .map(({ atMs, isFalse }): Happening => ({ what: isFalse ? "false-alarm" : "alarm", atS: atMs / 1000 }));
  return best === undefined || happenings.length === 0
    ? []
    : [{ name: "alarms", detector: DETECTOR_WORDS[best.detector], happenings }];
};

export const marksOf = (profile: Profile, result: Result): readonly MarkRow[] => {
  const ends = endsOf(profile);
  return [
    ...(ends.length === 0 ? [] : [{ name: "kills and deaths", happenings: ends }]),
    ...alarmsOf(result),
  ];
};
