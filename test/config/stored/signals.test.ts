import { expect, test } from "vitest";
import { decodeProfile, encodeProfile } from "../../../src/config/baseline-file.ts";
import { LOG, looked, METRIC, PATH, profileWith, signal } from "../../core/signals/profiles.ts";

test("signals come back from a stored profile as they were", () => {
  const profile = profileWith({
    order: ["control", "slow"],
    signals: [
      { signal: signal("log", LOG), samples: looked(2, (atMs) => (atMs > 3000 ? null : 1)) },
      { signal: signal("m", { ...METRIC, labels: { a: "b" }, above: 1 }), samples: looked(2, () => -0.5) },
      { signal: signal("deep", PATH), samples: [] },
      { signal: signal("h", { type: "path", path: "/h", watchedAs: ["health", "ready"] }), samples: [] },
    ],
  });
  expect(decodeProfile(encodeProfile(profile), { file: "samples" }).signals).toEqual(profile.signals);
});
