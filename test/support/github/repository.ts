/** What the stand-in knows of its one repository: arranged and asserted by tests, changed by requests. */
import { type Commit, GitObjects } from "./git-objects.ts";
import type { Artifact, CheckRun, Comment, LabelEvent, Pull, Role, Status, WorkflowRun } from "./model.ts";

const nowText = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

export interface CommitOptions {
  /** Moves this branch there; made where it is missing. Left out: a commit that no branch holds. */
  readonly branch?: string;
  /** Files by path: text or bytes; null takes one away. All others stay as in the first parent. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  /** Left out: the branch's commit, if there is one. */
  readonly parents?: readonly string[];
  readonly message?: string;
  readonly author?: string;
  /** ISO 8601. Left out: one second after the first parent. */
  readonly date?: string;
}

export class Repo {
  readonly objects = new GitObjects();
  /** Full name ("refs/heads/main") to commit. */
  readonly refs = new Map<string, string>();
  readonly pulls = new Map<number, Pull>();
  readonly comments = new Map<number, Comment>();
  readonly labelEvents: LabelEvent[] = [];
  readonly statuses: Status[] = [];
  readonly checkRuns = new Map<number, CheckRun>();
  readonly artifacts = new Map<number, Artifact>();
  readonly workflowRuns = new Map<number, WorkflowRun>();
  /** Login to role. */
  readonly collaborators = new Map<string, Role>();
  /** Trees with more entries are answered with `truncated: true` (GitHub's documentation of "Get a tree"); a test may lower it. */
  maxTreeEntries = 100_000;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly private: boolean;
  private lastId = 1000;

  constructor(owner: string, name: string, defaultBranch: string, isPrivate: boolean) {
    this.owner = owner;
    this.name = name;
    this.defaultBranch = defaultBranch;
    this.private = isPrivate;
    this.collaborators.set(owner, "admin");
  }

  get fullName(): string {
    return `${this.owner}/${this.name}`;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  now(): string {
    return nowText();
  }

  branch(name: string): string | undefined {
    return this.refs.get(`refs/heads/${name}`);
  }

  /** Writes a commit. @returns its sha */
  commit(options: CommitOptions = {}): string {
    const { branch, message = "A change", author = "octocat" } = options;
    const held = branch === undefined ? undefined : this.branch(branch);
    const parents = options.parents ?? (held === undefined ? [] : [held]);
    const first = this.objects.commits.get(parents[0] ?? "");
    const files = first === undefined ? new Map() : this.objects.files(first.tree);
    for (const [path, content] of Object.entries(options.files ?? {})) {
      if (content === null) files.delete(path);
      else files.set(path, { mode: "100644", sha: this.objects.writeBlob(Buffer.from(content)) });
    }
    const date = options.date ?? this.secondAfter(first);
    const person = { name: author, email: `${author}@users.noreply.github.invalid`, date };
    const { sha } = this.objects.writeCommit({
      tree: this.objects.writeTree(files),
      parents,
      author: person,
      committer: person,
      message,
    });
    if (branch !== undefined) this.refs.set(`refs/heads/${branch}`, sha);
    return sha;
  }

  private secondAfter(parent: Commit | undefined): string {
    const at = parent === undefined ? Date.parse("2026-01-01T00:00:00Z") : Date.parse(parent.committer.date);
    return `${new Date(at + 1000).toISOString().slice(0, 19)}Z`;
  }

  /** Content of a file at a commit or branch; null where it is not there. */
  file(path: string, at: string = this.defaultBranch): Buffer | null {
    const commit = this.objects.commits.get(this.resolve(at) ?? "");
    const file = commit && this.objects.files(commit.tree).get(path);
    return (file && this.objects.blobs.get(file.sha)) ?? null;
  }

  /** What GitHub takes where it asks for a "ref": a full or short name, a sha or its unambiguous beginning. */
  resolve(ref: string): string | undefined {
    const named =
      this.refs.get(ref) ??
      this.refs.get(`refs/${ref}`) ??
      this.refs.get(`refs/heads/${ref}`) ??
      this.refs.get(`refs/tags/${ref}`);
    if (named !== undefined) return named;
    if (!/^[0-9a-f]{7,40}$/u.test(ref)) return undefined;
    const found = [...this.objects.commits.keys()].filter((sha) => sha.startsWith(ref));
    return found.length === 1 ? found[0] : undefined;
  }

  /** Opens a pull request, and makes its merge commit as GitHub does (`refs/pull/<n>/merge`). */
  openPull(options: {
    readonly headSha: string;
    readonly headBranch?: string;
    /** "owner/name"; null: a deleted fork. Left out: this repository. */
    readonly headRepository?: string | null;
    readonly baseBranch?: string;
    readonly author?: string;
    readonly body?: string | null;
    readonly draft?: boolean;
  }): Pull {
    const { headSha, headBranch = "change", headRepository = this.fullName, body = null } = options;
    const { baseBranch = this.defaultBranch, author = "octocat", draft = false } = options;
    const number = this.pulls.size + 1;
    const pull: Pull = {
      number,
      state: "open",
      draft,
      title: `Change ${number}`,
      body,
      author,
      base: { branch: baseBranch },
      head: { branch: headBranch, repository: headRepository },
      headSha,
      baseSha: this.branch(baseBranch) ?? "",
      mergeSha: null,
      createdAt: nowText(),
      updatedAt: nowText(),
    };
    this.pulls.set(number, pull);
    this.pushToPull(number, headSha);
    return pull;
  }

  /** The pull request's head moves to a commit that is here already. */
  pushToPull(number: number, headSha: string): void {
    const pull = this.pulls.get(number);
    if (pull === undefined) throw new Error(`no pull request ${number}`);
    const base = this.branch(pull.base.branch);
    pull.headSha = headSha;
    pull.updatedAt = nowText();
    this.refs.set(`refs/pull/${number}/head`, headSha);
    if (base === undefined) return;
    const files = this.objects.files(this.objects.commits.get(headSha)?.tree ?? "");
    pull.mergeSha = this.commit({
      parents: [base, headSha],
      files: Object.fromEntries(
        [...files].map(([path, { sha }]) => [path, this.objects.blobs.get(sha) ?? null]),
      ),
      message: `Merge ${headSha} into ${base}`,
    });
    this.refs.set(`refs/pull/${number}/merge`, pull.mergeSha);
  }

  addComment(issue: number, login: string, body: string, at: string = nowText()): Comment {
    const comment = { id: this.nextId(), issue, login, body, createdAt: at, updatedAt: at };
    this.comments.set(comment.id, comment);
    return comment;
  }

  commentsOf(issue: number): readonly Comment[] {
    return [...this.comments.values()].filter((comment) => comment.issue === issue);
  }

  label(issue: number, label: string, actor: string, at: string = nowText()): void {
    this.labelEvents.push({ id: this.nextId(), issue, event: "labeled", label, actor, createdAt: at });
  }

  unlabel(issue: number, label: string, actor: string, at: string = nowText()): void {
    this.labelEvents.push({ id: this.nextId(), issue, event: "unlabeled", label, actor, createdAt: at });
  }

  /** Labels an issue bears now: those whose last event put them on. */
  labelsOf(issue: number): readonly string[] {
    const last = new Map<string, string>();
    for (const event of this.labelEvents) if (event.issue === issue) last.set(event.label, event.event);
    return [...last].filter(([, event]) => event === "labeled").map(([label]) => label);
  }

  addRun(run: Partial<WorkflowRun> & { readonly headSha: string }): WorkflowRun {
    const added: WorkflowRun = {
      id: this.nextId(),
      event: "push",
      headBranch: this.defaultBranch,
      headRepository: this.fullName,
      status: "completed",
      conclusion: "success",
      attempt: 1,
      path: ".github/workflows/squall.yml",
      ...run,
    };
    this.workflowRuns.set(added.id, added);
    return added;
  }

  addArtifact(artifact: Partial<Artifact> & { readonly name: string; readonly zip: Buffer }): Artifact {
    const added: Artifact = {
      id: this.nextId(),
      run: null,
      createdAt: nowText(),
      expired: false,
      ...artifact,
    };
    this.artifacts.set(added.id, added);
    return added;
  }
}
