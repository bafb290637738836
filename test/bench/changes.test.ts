/** The benchmark's pull requests fit the services as they are now. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { applied, type Change, isCareless } from "../../bench/changes/change.ts";
import { SERVICES } from "../../bench/changes/services.ts";
import { parseSuite } from "../../src/config/suite.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

describe.each(SERVICES)("changes to the service in $name", ({ name, source, changes }) => {
  const suite = async () => {
    const file = path.join(ROOT, "bench/changes", name, "squall.yml");
    const parsed = parseSuite(await readFile(file, "utf8"), { file });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return parsed.suite;
  };

  test("are ten careless ones and more, and five harmless ones, each with a name of its own", () => {
    expect(changes.filter(isCareless).length).toBeGreaterThanOrEqual(10);
    expect(changes.filter((change) => !isCareless(change))).toHaveLength(5);
    expect(new Set(changes.map((change) => change.name)).size).toBe(changes.length);
  });

  test("name faults of the suite, and each edit's place once", async () => {
    const { experiments, dependencies } = await suite();
    const known = new Set(["control", "all", ...experiments.map((each) => each.name)]);
    const edges = new Set([null, "service", ...dependencies.map((each) => each.name)]);
    const fits = async (change: Change): Promise<boolean> => {
      const texts = new Map<string, string>();
      for (const edit of change.edits) {
        const text = texts.get(edit.file) ?? (await readFile(path.join(ROOT, source, edit.file), "utf8"));
        texts.set(edit.file, applied(text, edit));
      }
      return change.shows.every((fault) => known.has(fault)) && edges.has(change.edge);
    };
    for (const change of changes) expect([change.name, await fits(change)]).toEqual([change.name, true]);
  });
});
