/**
 * What the gate needs from the place where the code lives (GitHub and its kin, or a git checkout). Adapters implement these;
 * surfaces put them together. Every method throws SquallError `api-refused` or `api-failed` where it cannot tell: "not there"
 * is an answer (null), "could not look" never is.
 */

/** History of commits. */
export interface Ancestry {
  /**
   * Commits from `ancestor` to `commit`: 0 where they are one; null where it is not among its ancestors; undefined where that
   * cannot be told (a shallow clone, a commit unknown here).
   */
  distance(ancestor: string, commit: string): Promise<number | null | undefined>;
  /** Newest common ancestor; null where there is none or it cannot be told. */
  mergeBase(one: string, other: string): Promise<string | null>;
}

/** Files as they are at a commit. */
export interface SourceFiles {
  /** @param file relative to the repository's root, with `/`. @returns null where the commit has no such file */
  read(file: string, commit: string): Promise<Buffer | null>;
}

export interface TreeEntry {
  /** Relative to the tree's root. */
  readonly path: string;
  readonly blob: string;
  readonly bytes: number;
}

/** Objects and branches of a repository, written without a checkout. */
export interface GitData {
  /** For messages: "owner/name". */
  readonly place: string;
  /** Null where there is no such branch. */
  branch(name: string): Promise<{ readonly commit: string; readonly tree: string } | null>;
  /** All files of a tree, folders walked. */
  files(tree: string): Promise<readonly TreeEntry[]>;
  /** Content of a blob, checked against its hash. */
  readBlob(blob: string): Promise<Buffer>;
  writeBlob(content: Buffer): Promise<string>;
  /** @param changes path to blob, or to null for a file that goes. @returns the new tree */
  writeTree(base: string | null, changes: ReadonlyMap<string, string | null>): Promise<string>;
  /** @returns the new commit */
  writeCommit(commit: {
    readonly message: string;
    readonly tree: string;
    readonly parent: string | null;
  }): Promise<string>;
  /** Compare and swap: false where the branch is no more at `from` (null: does not exist). Nothing is overwritten. */
  moveBranch(name: string, from: string | null, to: string): Promise<boolean>;
  /**
   * As `moveBranch`, to a commit that does not descend from `from`: history that nobody needs goes. Absent where the place
   * cannot compare and swap such a move.
   */
  replaceBranch?(name: string, from: string, to: string): Promise<boolean>;
}

export interface StoredArtifact {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly expired: boolean;
  /** Run that uploaded it; null where the server does not tell. */
  readonly run: {
    readonly id: number;
    readonly headBranch: string | null;
    readonly headSha: string;
    /** Whether the head is in this repository, not in a fork. */
    readonly own: boolean;
  } | null;
}

/** Files that workflow runs leave behind. */
export interface ArtifactShelf {
  /** Newest first. @param run of this run alone. */
  list(options: { readonly name?: string; readonly run?: number }): AsyncIterable<StoredArtifact>;
  /**
   * Unpacks safely what may have been made by a stranger.
   *
   * @throws SquallError `artifact-invalid` beyond the limits, or on a path outside
   */
  download(
    artifact: StoredArtifact,
    limits: { readonly maxFiles: number; readonly maxBytes: number },
  ): Promise<ReadonlyMap<string, Buffer>>;
}

/** Uploads files under a name that is unique in this run. @returns its id and where a person finds it */
export type UploadArtifact = (
  name: string,
  directory: string,
  options: {
    readonly files: readonly string[];
    readonly retentionDays?: number;
    /** One file as it is, to be opened where it is: it gives the artifact its name. */
    readonly asFile?: true;
    /** In the place of one that an earlier attempt at this run uploaded. */
    readonly replace?: boolean;
  },
) => Promise<{ readonly id: number | null; readonly url: string | null; readonly bytes: number }>;
