import { array, assert, constantFrom, property, string, stringMatching } from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptLine, acceptLines, decideAcceptance } from "../../../src/core/gate/acceptance.ts";
import { conclude } from "../../../src/core/gate/conclude.ts";
import { gateVerdict } from "../../../src/core/gate/verdict.ts";
import type { Finding, Verdict } from "../../../src/core/verdict.ts";

const HEAD = "b18e51d0c2f4a6b8d0e2f4a6b8c0d2e4f6a8b0c2";
const OTHER = "919ad74e1f3a5c7e9b1d3f5a7c9e1b3d5f7a9c1e";

const finding = (
  scenario: string | null,
  kind: Finding["kind"] = "regression",
  severity: Finding["severity"] = "block",
): Finding => ({
  kind,
  severity,
  scenario,
  metric: null,
  edge: null,
  title: `${scenario} ${kind}`,
  detail: [],
});

const verdict = (word: Verdict["word"], findings: readonly Finding[]): Verdict => ({
  word,
  headline: "Less resilient under 2 of 2 faults: merge blocked",
  findings,
  comparisons: [],
  hypotheses: [],
  worstScenario: null,
  widest: null,
});

const regressed = verdict("regressed", [finding("a"), finding("b c")]);
const alice = { login: "alice", canWrite: true };
const policy = { onInconclusive: "warn", onNoBaseline: "pass", onWeakened: "warn" } as const;
const ask = (input: Partial<Parameters<typeof decideAcceptance>[0]>) =>
  decideAcceptance({
    headSha: HEAD,
    verdict: regressed,
    scope: "commit",
    lines: [],
    label: null,
    reported: null,
    ...input,
  });
const linesOf = (text: string, author = alice) => acceptLines(text).map((line) => ({ ...line, author }));

describe("lines of a description", () => {
  test("what acceptLine writes, acceptLines reads, wherever it stands", () => {
    assert(
      property(
        stringMatching(/^[0-9a-f]{40}$/),
        array(string({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        constantFrom("", "- ", "Text before.\n\n"),
        (sha, names, before) => {
          const ids = names.map((name) => `${name}/regression`);
          const [line] = acceptLines(`${before}${acceptLine(sha, ids)}\nafter`);
          expect(sha.startsWith(line?.sha ?? "none")).toBe(true);
          expect(line?.findings).toEqual(ids);
        },
      ),
    );
  });

  test.each([
    ["in a comment", `<!-- ${acceptLine(HEAD, ["a/regression"])} -->`],
    ["in a code fence", `\`\`\`\n${acceptLine(HEAD, ["a/regression"])}\n\`\`\``],
    ["without a commit", "squall: accept a/regression"],
    ["in the middle of a sentence", `please do not squall: accept ${HEAD} all`],
  ])("count not %s", (_, text) => expect(acceptLines(text)).toEqual([]));
});

describe("a regression is accepted", () => {
  const all = acceptLine(HEAD, ["a/regression", "b c/regression"]);

  test("by a line that names the head and every finding", () => {
    expect(ask({ lines: linesOf(all) }).acceptance).toMatchObject({
      by: "alice",
      how: "description",
      headSha: HEAD,
    });
  });

  test.each([
    [
      "someone without write access",
      linesOf(all, { login: "mallory", canWrite: false }),
      /mallory has no write access/,
    ],
    [
      "a line for another commit",
      linesOf(acceptLine(OTHER, ["a/regression", "b c/regression"])),
      /the head is b18e51d/,
    ],
    ["a line that leaves a finding out", linesOf(acceptLine(HEAD, ["a/regression"])), /has not accepted/],
  ])("not by %s, and a note says what to do", (_, lines, note) => {
    const { acceptance, notes } = ask({ lines });
    expect(acceptance).toBeNull();
    expect(notes.join()).toMatch(note);
  });

  const reported = { headSha: HEAD, firstReportedAtMs: 1000, findings: ["a/regression", "b c/regression"] };
  const label = { by: "alice", canWrite: true, atMs: 2000 };

  test("by a label put on after the report on this commit", () => {
    expect(ask({ label, reported }).acceptance).toMatchObject({ by: "alice", how: "label" });
  });

  test.each([
    ["before the report", { label: { ...label, atMs: 999 }, reported }],
    ["for another commit", { label, reported: { ...reported, headSha: OTHER } }],
    ["before a finding was reported", { label, reported: { ...reported, findings: ["a/regression"] } }],
    ["where nothing was reported", { label, reported: null }],
    ["by someone without write access", { label: { ...label, canWrite: false }, reported }],
    ["where the policy says never", { label, reported, scope: "never" as const }],
    ["where nothing was measured", { label, reported, verdict: verdict("invalid", regressed.findings) }],
  ])("not by a label put on %s", (_, input) => {
    const { acceptance, notes } = ask(input);
    expect(acceptance).toBeNull();
    expect(notes).not.toEqual([]);
  });

  test("for the pull request where the policy says so", () => {
    const line = linesOf(acceptLine(OTHER, ["a/regression", "b c/regression"]));
    expect(ask({ lines: line, scope: "pull-request" }).acceptance).toMatchObject({ until: "pull-request" });
  });

  test("then it passes, and nothing else does for it", () => {
    const { acceptance } = ask({ lines: linesOf(all) });
    expect(conclude(regressed, acceptance, policy)).toMatchObject({ outcome: "success", exitCode: 0 });
    const more = verdict("regressed", [...regressed.findings, finding("new")]);
    expect(conclude(more, acceptance, policy)).toMatchObject({ outcome: "failure", exitCode: 1 });
  });
});

describe("the conclusion", () => {
  test.each([
    ["pass", "success", 0],
    ["regressed", "failure", 1],
    ["invalid", "failure", 3],
    ["inconclusive", "success", 0],
    ["no-baseline", "success", 0],
  ] as const)("of %s by default is %s, exit code %i", (word, outcome, exitCode) => {
    expect(conclude(verdict(word, []), null, policy)).toMatchObject({ outcome, exitCode });
  });

  test("fails what the policy or fail-on fails, and weakened gates where either says so", () => {
    expect(conclude(verdict("inconclusive", []), null, { ...policy, onInconclusive: "fail" }).exitCode).toBe(
      4,
    );
    expect(conclude(verdict("no-baseline", []), null, { ...policy, onNoBaseline: "fail" }).exitCode).toBe(4);
    expect(conclude(regressed, null, policy, new Set()).outcome).toBe("success");
    expect(conclude(verdict("inconclusive", []), null, policy, new Set(["inconclusive"])).exitCode).toBe(4);
    const weakened = verdict("pass", [finding("a", "weakened-gate", "warn")]);
    expect(conclude(weakened, null, policy).outcome).toBe("success");
    expect(conclude(weakened, null, policy, new Set(["weakened"])).exitCode).toBe(4);
    expect(conclude(weakened, null, { ...policy, onWeakened: "fail" }).exitCode).toBe(4);
  });
});

describe("a baseline that is too old", () => {
  const stale = {
    runs: 1,
    commit: OTHER,
    distance: 3,
    ageMs: 1,
    ancestor: "yes",
    stale: "41 days old; at most 30 days",
  } as const;

  test("gives no pass, and takes no regression back", () => {
    const passed = gateVerdict(verdict("pass", []), { choice: stale, weakened: [] });
    expect(passed.word).toBe("inconclusive");
    expect(passed.headline).toContain("41 days old");
    expect(passed.findings.map(({ kind }) => kind)).toEqual(["stale-baseline"]);
    expect(gateVerdict(regressed, { choice: stale, weakened: [] }).word).toBe("regressed");
    const fresh = gateVerdict(verdict("pass", []), { choice: { ...stale, stale: null }, weakened: [] });
    expect(fresh.word).toBe("pass");
  });
});
