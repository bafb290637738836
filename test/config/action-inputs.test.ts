/** Each input of the step by itself: what it takes, what it refuses in which words, and that no text of it is executed or shown. */
import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { type ActionInputs, INPUT_NAMES, parseActionInputs } from "../../src/config/action/inputs.ts";
import { SquallError } from "../../src/core/errors.ts";

const read = (over: Readonly<Record<string, string>> = {}): ActionInputs =>
  parseActionInputs({ token: "ghs_1", ...over });

const refusal = (over: Readonly<Record<string, string>>): string => {
  try {
    read(over);
  } catch (error) {
    if (error instanceof SquallError) return (error.detail ?? []).join("\n");
    throw error;
  }
  return "taken";
};

test("what is not given is what action.yml says", () => {
  expect(read()).toEqual({
    suite: "squall.yml",
    mode: "gate",
    token: "ghs_1",
    baseline: { store: "branch", branch: "squall-baselines" },
    experiments: [],
    seed: undefined,
    budgetMs: undefined,
    comment: "auto",
    onInconclusive: undefined,
    failOn: undefined,
    summary: true,
    check: "auto",
    reportName: "squall",
    upload: true,
    retentionDays: undefined,
    sidecarImage: undefined,
    runtime: undefined,
    buildArgs: [],
    reference: undefined,
    acceptLabel: "squall-accept",
  } satisfies ActionInputs);
});

const TAKEN: readonly (readonly [name: string, text: string, value: Partial<ActionInputs>])[] = [
  ["suite", " chaos/answers.yml ", { suite: "chaos/answers.yml" }],
  ["mode", "baseline", { mode: "baseline" }],
  ["baseline", "branch:data/squall", { baseline: { store: "branch", branch: "data/squall" } }],
  ["baseline", "file:chaos/baselines", { baseline: { store: "file", directory: "chaos/baselines" } }],
  ["baseline", "artifact", { baseline: { store: "artifact" } }],
  ["baseline", "directory:/var/squall", { baseline: { store: "directory", directory: "/var/squall" } }],
  ["experiments", "llm-slow, llm-fails\n\nkilled,", { experiments: ["llm-slow", "llm-fails", "killed"] }],
  ["seed", "0", { seed: 0 }],
  ["seed", "4294967295", { seed: 4_294_967_295 }],
  ["budget", "2min", { budgetMs: 120_000 }],
  ["comment", "never", { comment: "never" }],
  ["on-inconclusive", "fail", { onInconclusive: "fail" }],
  ["fail-on", "regressed, weakened", { failOn: new Set(["regressed", "weakened"]) }],
  ["fail-on", "never", { failOn: new Set() }],
  ["summary", "FALSE", { summary: false }],
  ["check", "check-run", { check: "check-run" }],
  ["report-name", "squall nightly", { reportName: "squall nightly" }],
  ["upload", "false", { upload: false }],
  ["retention-days", "400", { retentionDays: 400 }],
  ["sidecar-image", "node:24-slim", { sidecarImage: "node:24-slim" }],
  ["runtime", "docker", { runtime: "docker" }],
  ["build-args", "A=1\n  B=x=y\n", { buildArgs: ["A=1", "B=x=y"] }],
  ["reference", "v1.2", { reference: "v1.2" }],
  ["accept-label", "slower is fine", { acceptLabel: "slower is fine" }],
];

const REFUSED: readonly (readonly [name: string, text: string, word: RegExp])[] = [
  ["suite", "../squall.yml", /inside the workspace/],
  ["suite", "/etc/passwd", /inside the workspace/],
  ["suite", "a\u202eb.yml", /direction/],
  ["mode", "gat", /did you mean gate/],
  ["token", "", /empty/],
  ["token", "two words", /one word/],
  ["baseline", "brnch", /did you mean branch/],
  ["baseline", "branch:--upload-pack=x", /branch name/],
  ["baseline", "branch:a..b", /branch name/],
  ["baseline", "file:", /needs a directory/],
  ["baseline", "file:../elsewhere", /inside the workspace/],
  ["baseline", "artifact:x", /nothing after it/],
  ["baseline", "directory:", /needs a path/],
  ["experiments", "a\u0000b", /control/],
  ["seed", "-1", /whole number from 0/],
  ["seed", "4294967296", /to 4294967295/],
  ["seed", "0x10", /whole number/],
  ["budget", "120", /unit/],
  ["budget", "1ms", /from \d+s/],
  ["comment", "sometimes", /auto, always, never/],
  ["on-inconclusive", "ignore", /pass, warn, fail/],
  ["fail-on", "regresed", /did you mean regressed/],
  ["fail-on", ",", /must name one/],
  ["summary", "yes", /true, false/],
  ["check", "checkrun", /did you mean check-run/],
  ["report-name", "a/b", /letters, digits/],
  ["report-name", "x".repeat(81), /80/],
  ["upload", "1", /true, false/],
  ["retention-days", "0", /from 1 to 400/],
  ["retention-days", "1.5", /whole number/],
  ["sidecar-image", "Node:24", /small letters/],
  ["sidecar-image", "node --privileged", /small letters/],
  ["runtime", "podman", /auto, process, docker/],
  ["build-args", "A=1\nB", /line 2 is no NAME=value/],
  ["reference", "--output=x", /not a branch/],
  ["accept-label", "x".repeat(51), /50/],
  ["accept-label", "a\nb", /line breaks/],
  ["suit", "squall.yml", /no input; did you mean suite/],
];

describe("an input", () => {
  test.each(TAKEN)("%s takes %j", (name, text, value) => {
    expect(read({ [name]: text })).toEqual({ ...read(), ...value });
  });

  test.each(REFUSED)("%s refuses %j, and says what it takes", (name, text, word) => {
    const told = refusal({ [name]: text });
    expect(told).toContain(name);
    expect(told).toMatch(word);
  });

  test("is tried here, whichever there is, both ways where it can be refused", () => {
    expect(new Set([...TAKEN.map(([name]) => name), "token"])).toEqual(new Set(INPUT_NAMES));
    expect(new Set(REFUSED.map(([name]) => name))).toEqual(new Set([...INPUT_NAMES, "suit"]));
  });

  test("shows no secret when it is refused", () => {
    expect(refusal({ token: "ghs_x y" })).not.toContain("ghs_x");
    expect(refusal({ "build-args": "hunter2" })).not.toContain("hunter2");
  });

  test("is taken or refused in words of one line each, whatever its text", () => {
    assert(
      property(constantFrom(...INPUT_NAMES), string({ unit: "binary" }), (name, text) => {
        for (const line of refusal({ [name]: text }).split("\n"))
          expect(line).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
    );
  });
});
