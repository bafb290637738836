import { RE2JS } from "re2js";
import type { JobMatchers, MatchMark } from "../../core/job/progress/reader.ts";
import type { JobPatterns } from "../../core/job/workload.ts";

const groupsOf = (source: string): ((line: string) => ReadonlyMap<string, string> | null) => {
  const pattern = RE2JS.compile(source);
  const names = Object.keys(pattern.namedGroups());
  return (line) => {
    const matcher = pattern.matcher(line);
    if (!matcher.find()) return null;
    return new Map(
      names.flatMap((name) => {
        const text = matcher.group(name);
        return text === null || text === undefined ? [] : [[name, text] as const];
      }),
    );
  };
};

const mark = (source: string): MatchMark => {
  const match = groupsOf(source);
  return (line) => {
    const groups = match(line);
    if (groups === null) return null;
    const step = groups.get("step");
    return { step: step === undefined ? null : Number(step) };
  };
};

export const jobMatchers = (patterns: JobPatterns): JobMatchers => {
  const { step, saving, saved, loaded, skipped } = patterns;
  const matchStep = step === undefined ? null : groupsOf(step);
  return {
    ...(matchStep === null
      ? {}
      : {
          step: (line: string) => {
            const groups = matchStep(line);
            if (groups === null) return null;
            const loss = groups.get("loss");
            return { step: Number(groups.get("step")), loss: loss === undefined ? null : Number(loss) };
          },
        }),
    ...(saving === undefined ? {} : { saving: mark(saving) }),
    ...(saved === undefined ? {} : { saved: mark(saved) }),
    ...(loaded === undefined ? {} : { loaded: mark(loaded) }),
    ...(skipped === undefined ? {} : { skipped: mark(skipped) }),
  };
};
