import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { chromiumPath } from "./chromium.ts";

const program = async (name: string): Promise<{ directory: string; file: string }> => {
  const directory = await mkdtemp(path.join(tmpdir(), "squall-chromium-"));
  const file = path.join(directory, name);
  await writeFile(file, "");
  await chmod(file, 0o755);
  return { directory, file };
};

test("a browser on PATH is found by each of its names, CHROMIUM goes before it", async () => {
  const { directory, file } = await program("google-chrome");
  const other = await program("my-browser");
  expect(chromiumPath({ PATH: `/nowhere:${directory}` })).toBe(file);
  expect(chromiumPath({ PATH: directory, CHROMIUM: other.file })).toBe(other.file);
});

test("what CHROMIUM names must be there: another is not taken in its place", async () => {
  const { directory } = await program("chromium");
  expect(() => chromiumPath({ PATH: directory, CHROMIUM: "/nowhere/chromium" })).toThrow(
    expect.objectContaining({ remedy: expect.stringMatching(/apt-get install chromium/) as string }),
  );
});
