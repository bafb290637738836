import { describe, expect, it } from "vitest";
import type { ProcessSample } from "../../../../../src/core/profile.ts";
import { usageOf } from "../../../../../src/core/report/page/series/usage.ts";
import { profileWith } from "../profiles.ts";

const sample = (name: string, atMs: number, cpu: number, memoryBytes = 1000): ProcessSample => ({
  name,
  atMs,
  cpu,
  memoryBytes,
});

describe("what processes used", () => {
  it("is a line a process by time, broken where no sample came, with its peaks", () => {
    const { lines } = usageOf(
      profileWith({
        processes: [
          sample("service", 2000, 0.5),
          sample("service", 1000, 0.2, 4000),
          sample("service", 9000, 0.1),
        ],
      }),
    );
    expect(lines).toEqual([
      {
        name: "service",
        points: [
          { atS: 1, cores: 0.2, memoryBytes: 4000, segment: 0 },
          { atS: 2, cores: 0.5, memoryBytes: 1000, segment: 0 },
          { atS: 9, cores: 0.1, memoryBytes: 1000, segment: 1 },
        ],
        peakCores: 0.5,
        peakBytes: 4000,
      },
    ]);
  });

  it("has the service first, then who used most, at most five", () => {
    const { lines, leftOut } = usageOf(
      profileWith({
        processes: [
          ...["a", "b", "c", "d", "e", "f"].map((name, place) => sample(name, 0, place)),
          sample("service-2", 0, 0.1),
          sample("service", 0, 0.2),
          sample("service-desk", 0, 9),
        ],
      }),
    );
    expect(lines.map(({ name }) => name)).toEqual(["service", "service-2", "service-desk", "f", "e"]);
    expect(leftOut).toBe(4);
  });

  it("draws no sample beyond all runs, and no more than a machine can have", () => {
    const { lines } = usageOf(
      profileWith({ processes: [sample("service", 1e12, 1), sample("service", 0, 1e300, -5)] }),
    );
    expect(lines[0]?.points).toEqual([{ atS: 0, cores: 2 ** 50, memoryBytes: 0, segment: 0 }]);
  });
});
