/** The port GitData over a real bare repository, by the git command line: `update-ref` is the compare and swap. */
import { randomUUID } from "node:crypto";
import path from "node:path";
import type { GitData } from "../../../src/run/forge.ts";
import { runGit } from "./repository.ts";

const NOTHING = "0".repeat(40);

/** Git's own line for "another was first". */
const isLostRace = (error: unknown): boolean =>
  error instanceof Error && /cannot lock ref|reference already exists|but expected/.test(error.message);

export const gitData = (directory: string): GitData => {
  const text = async (...args: readonly string[]): Promise<string> =>
    (await runGit(directory, args)).toString("utf8").trim();
  const files: GitData["files"] = async (tree) =>
    (await text("ls-tree", "-r", "-l", "-z", tree))
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => {
        const [, blob = "", bytes = "", name = ""] = /^\S+ \S+ (\S+) +(\S+)\t(.*)$/s.exec(line) ?? [];
        return { path: name, blob, bytes: Number(bytes) };
      });
  const move = async (name: string, from: string | null, to: string): Promise<boolean> => {
    try {
      await text("update-ref", `refs/heads/${name}`, to, from ?? NOTHING);
      return true;
    } catch (error) {
      if (isLostRace(error)) return false;
      throw error;
    }
  };
  return {
    place: "a bare repository",
    branch: async (name) => {
      const found = await text("for-each-ref", "--format=%(objectname) %(tree)", `refs/heads/${name}`);
      const [commit = "", tree = ""] = found.split(" ");
      return commit === "" ? null : { commit, tree };
    },
    files,
    readBlob: async (blob) => runGit(directory, ["cat-file", "blob", blob]),
    writeBlob: async (content) =>
      (await runGit(directory, ["hash-object", "-w", "--stdin"], { input: content })).toString("utf8").trim(),
    writeTree: async (base, changes) => {
      const there = new Set(base === null ? [] : (await files(base)).map((entry) => entry.path));
      const env = { GIT_INDEX_FILE: path.join(directory, `index-${randomUUID()}`) };
      if (base !== null) await runGit(directory, ["read-tree", base], { env });
      const lines = [...changes].map(([file, blob]) => {
        // GitHub refuses a tree that loses a file it does not have; so must this.
        if (blob === null && !there.has(file)) throw new Error(`${file} is not in the tree`);
        return blob === null ? `0 ${NOTHING}\t${file}\0` : `100644 ${blob}\t${file}\0`;
      });
      await runGit(directory, ["update-index", "-z", "--index-info"], { env, input: lines.join("") });
      return (await runGit(directory, ["write-tree"], { env })).toString("utf8").trim();
    },
    writeCommit: async ({ message, tree, parent }) =>
      text("commit-tree", tree, "-m", message, ...(parent === null ? [] : ["-p", parent])),
    moveBranch: async (name, from, to) => {
      // As a forge does without force: only onwards.
      if (from !== null) await text("merge-base", "--is-ancestor", from, to);
      return move(name, from, to);
    },
    replaceBranch: move,
  };
};
