/** Objects as git keeps them, under the hashes git gives them (git-scm.com, "Git Internals - Git Objects"). */
import { createHash } from "node:crypto";

export interface TreeItem {
  readonly mode: string;
  readonly name: string;
  readonly sha: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  /** ISO 8601. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

export interface FileInTree {
  readonly mode: string;
  readonly sha: string;
}

const FOLDER = "040000";

const hashOf = (type: "blob" | "tree" | "commit", content: Buffer): string =>
  createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");

const personLine = ({ name, email, date }: Person): string =>
  `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`;

export class GitObjects {
  readonly blobs = new Map<string, Buffer>();
  readonly trees = new Map<string, readonly TreeItem[]>();
  readonly commits = new Map<string, Commit>();

  writeBlob(content: Buffer): string {
    const sha = hashOf("blob", content);
    this.blobs.set(sha, content);
    return sha;
  }

  /** Git sorts folders as if their names ended in a slash. */
  writeTreeObject(items: readonly TreeItem[]): string {
    const key = (item: TreeItem): Buffer => Buffer.from(item.mode === FOLDER ? `${item.name}/` : item.name);
    const sorted = [...items].sort((a, b) => Buffer.compare(key(a), key(b)));
    const content = sorted.map(({ mode, name, sha }) =>
      Buffer.concat([Buffer.from(`${mode.replace(/^0/u, "")} ${name}\0`), Buffer.from(sha, "hex")]),
    );
    const sha = hashOf("tree", Buffer.concat(content));
    this.trees.set(sha, sorted);
    return sha;
  }

  /** @param files by path, with `/` */
  writeTree(files: ReadonlyMap<string, FileInTree>): string {
    const here: TreeItem[] = [];
    const folders = new Map<string, Map<string, FileInTree>>();
    for (const [path, file] of files) {
      const [name = "", ...rest] = path.split("/");
      if (rest.length === 0) {
        here.push({ ...file, name });
        continue;
      }
      const inner = folders.get(name) ?? new Map<string, FileInTree>();
      folders.set(name, inner.set(rest.join("/"), file));
    }
    for (const [name, inner] of folders) here.push({ mode: FOLDER, name, sha: this.writeTree(inner) });
    return this.writeTreeObject(here);
  }

  /** All files of a tree by path. */
  files(tree: string, prefix = ""): Map<string, FileInTree> {
    const found = new Map<string, FileInTree>();
    for (const { mode, name, sha } of this.trees.get(tree) ?? []) {
      if (mode !== FOLDER) found.set(`${prefix}${name}`, { mode, sha });
      else for (const [path, file] of this.files(sha, `${prefix}${name}/`)) found.set(path, file);
    }
    return found;
  }

  writeCommit(commit: Omit<Commit, "sha">): Commit {
    const lines = [
      `tree ${commit.tree}`,
      ...commit.parents.map((parent) => `parent ${parent}`),
      `author ${personLine(commit.author)}`,
      `committer ${personLine(commit.committer)}`,
      "",
      commit.message,
    ];
    const written = { ...commit, sha: hashOf("commit", Buffer.from(lines.join("\n"))) };
    this.commits.set(written.sha, written);
    return written;
  }

  /** The commit and all its ancestors, nearest first; among equals the newest first. */
  history(commit: string): readonly Commit[] {
    const seen = new Set<string>();
    const found: Commit[] = [];
    const waiting = [commit];
    while (waiting.length > 0) {
      waiting.sort((a, b) => this.dateOf(b) - this.dateOf(a));
      const sha = waiting.shift() ?? "";
      const next = this.commits.get(sha);
      if (next === undefined || seen.has(sha)) continue;
      seen.add(sha);
      found.push(next);
      waiting.push(...next.parents.filter((parent) => !seen.has(parent) && !waiting.includes(parent)));
    }
    return found;
  }

  isAncestor(ancestor: string, commit: string): boolean {
    return this.history(commit).some(({ sha }) => sha === ancestor);
  }

  private dateOf(sha: string): number {
    return Date.parse(this.commits.get(sha)?.committer.date ?? "1970-01-01T00:00:00Z");
  }
}
