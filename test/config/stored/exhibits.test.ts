/** The worst requests in a stored profile: back as they were, and nothing let in that is none. */
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeProfile, encodeProfile } from "../../../src/config/baseline-file.ts";
import type { RequestExhibit } from "../../../src/core/exhibit.ts";
import { profile } from "../profiles.ts";

const exhibit: RequestExhibit = {
  window: 3,
  slot: 7,
  calls: [
    {
      edge: "llm",
      method: "POST",
      path: "/v1",
      status: 503,
      startMs: -0.25,
      firstByteMs: null,
      endMs: 12.5,
      end: "cut-by-fault",
      attributedBy: "trace",
      attempt: 2,
      faults: ["llm-429#1"],
    },
  ],
  leftOut: 2,
  log: [{ process: "service-2", atMs: 4.5, line: "ERROR" }],
};

const read = (buffer: Buffer) => decodeProfile(buffer, { file: "samples.json.gz" });

test("exhibits come back from a stored profile as they were, and none where there were none", () => {
  expect(read(encodeProfile(profile({ exhibits: [exhibit] }))).exhibits).toEqual([exhibit]);
  expect(read(encodeProfile(profile()))).not.toHaveProperty("exhibits");
});

describe("a stored exhibit is refused", () => {
  const [call] = exhibit.calls;
  const forged = (change: object): Buffer => {
    const root = JSON.parse(gunzipSync(encodeProfile(profile({ exhibits: [exhibit] }))).toString());
    Object.assign(root.profile.exhibits[0], change);
    return gzipSync(JSON.stringify(root));
  };
  test.each([
    ["with more calls than are kept", { calls: Array.from({ length: 41 }, () => call) }],
    ["with more lines than are kept", { log: Array.from({ length: 13 }, () => exhibit.log[0]) }],
    ["with an end that is none", { calls: [{ ...call, end: "vanished" }] }],
    ["with a time that is none", { calls: [{ ...call, startMs: "now" }] }],
    ["with a line of no time", { log: [{ process: "service", line: "x" }] }],
    ["of no window", { window: -1 }],
    ["with something more", { note: "x" }],
  ])("%s", (_, change) => {
    expect(() => read(forged(change))).toThrow(expect.objectContaining({ code: "result-invalid" }));
  });
});
