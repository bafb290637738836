/**
 * The stand-in for GitHub: a real HTTP server with real state. Every request and every answer is held to GitHub's own OpenAPI
 * description, and disposing throws where one broke it.
 *
 *     await using github = await startGitHub();
 *     const head = github.repository.commit({ branch: "main", files: { "squall.yml": "…" } });
 *     const token = github.token({ permissions: { issues: "write" } });
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMIT } from "./accounts.ts";
import { type Call, notFound, Refusal, type Reply } from "./call.ts";
import { isObject, type Json } from "./description.ts";
import { type Fault, type FaultMatch, Faults, faultReply } from "./faults.ts";
import { absentInGitea, asGitea } from "./gitea.ts";
import type { GitHubOptions, GitHubServer, RecordedRequest, TokenOptions } from "./github-server.ts";
import { answerGraphql, type GraphqlHandler } from "./graphql.ts";
import { type Listening, listen } from "./listen.ts";
import { Repo } from "./repository.ts";
import { type Found, route } from "./router.ts";
import { ROUTES } from "./routes.ts";
import { authorize, type Token } from "./tokens.ts";
import { answerProblems, requestProblems } from "./validate.ts";

export type { GitHubOptions, GitHubServer, RecordedRequest, TokenOptions } from "./github-server.ts";

class Server implements GitHubServer {
  readonly requests: RecordedRequest[] = [];
  readonly repository: Repo;
  readonly owner: string;
  readonly repo: string;
  private readonly kind: "github" | "gitea";
  private readonly found: string[] = [];
  private readonly tokens = new Map<string, Token>();
  private readonly faults = new Faults();
  private readonly ending = new AbortController();
  private hook: (request: RecordedRequest) => Promise<void> | void = () => undefined;
  private onGraphql: GraphqlHandler | null = null;
  private api: Listening | null = null;
  private blobs: Listening | null = null;

  constructor(options: GitHubOptions) {
    const { owner = "acme", repo = "shop", defaultBranch = "main", kind = "github" } = options;
    this.owner = owner;
    this.repo = repo;
    this.kind = kind;
    this.repository = new Repo(owner, repo, defaultBranch, options.private ?? false);
  }

  async start(): Promise<void> {
    this.api = await listen((request, response, body) => this.serve(request, response, body));
    this.blobs = await listen((request, response) => this.serveBlob(request, response));
  }

  get violations(): readonly string[] {
    return this.found;
  }

  get apiUrl(): string {
    return `${this.api?.origin ?? ""}${this.kind === "gitea" ? "/api/v1" : ""}`;
  }

  token({ login = "github-actions[bot]", permissions }: TokenOptions = {}): string {
    const text = `ghs_${randomBytes(18).toString("hex")}`;
    this.tokens.set(text, { text, login, permissions: permissions ?? null });
    return text;
  }

  fail(match: FaultMatch, fault: Fault, times = 1): void {
    this.faults.arm(match, fault, times);
  }

  before(hook: (request: RecordedRequest) => Promise<void> | void): void {
    this.hook = hook;
  }

  graphql(handler: GraphqlHandler): void {
    this.onGraphql = handler;
  }

  forgiveViolations(): readonly string[] {
    return this.found.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort();
    await Promise.all([this.api?.close(), this.blobs?.close()]);
    if (this.found.length > 0) {
      throw new Error(`requests or answers broke GitHub's description:\n${this.found.join("\n")}`);
    }
  }

  private violate(request: RecordedRequest, problem: string): void {
    this.found.push(`${request.method} ${request.path}: ${problem}`);
  }

  private async serve(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const url = new URL(request.url ?? "/", "http://stand-in.invalid");
    const base = this.kind === "gitea" ? "/api/v1" : "";
    const method = request.method ?? "GET";
    const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : url.pathname;
    const found = route(method, path);
    const record: RecordedRequest = {
      method,
      path,
      query: Object.fromEntries(url.searchParams),
      headers: textHeaders(request),
      body: parsed(body),
      token: /^(?:token|bearer) (.+)$/iu.exec(request.headers.authorization ?? "")?.[1] ?? null,
      atMs: Date.now(),
      operation: found?.operation.id ?? (path === "/graphql" ? "graphql" : null),
      status: 0,
    };
    this.requests.push(record);
    await this.hook(record);
    const fault = this.faults.take(method, path);
    if (fault === "drop") return void response.destroy();
    if (fault !== null && typeof fault === "object" && "status" in fault) {
      return this.send(record, response, faultReply(fault));
    }
    const reply = this.answer(record, found);
    if (fault === "drop-after") return void response.destroy();
    if (fault !== null && typeof fault === "object") await this.wait(fault.delayMs);
    return this.send(record, response, reply, fault === "truncate");
  }

  private async wait(delayMs: number): Promise<void> {
    // Ends early with the server: a test need not wait for an answer it gave up on.
    await sleep(delayMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }

  /** What GitHub would say, held to its description. */
  private answer(record: RecordedRequest, found: Found | null): Reply {
    try {
      if (record.token !== null && !this.tokens.has(record.token)) throw new Refusal(401, "Bad credentials");
      if (record.operation === "graphql" && this.kind === "github") {
        return answerGraphql(record.body, this.tokens.get(record.token ?? "")?.login ?? null, this.onGraphql);
      }
      if (found === null) {
        this.violate(record, "the stand-in serves no such operation (test/support/github/served.ts)");
        throw notFound();
      }
      return this.operate(record, found);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.checked(record, found, error.reply);
    }
  }

  private operate(record: RecordedRequest, found: Found): Reply {
    const { operation, params } = found;
    const given = { path: params, query: record.query, body: record.body };
    const problems = requestProblems(operation, given);
    for (const problem of problems) this.violate(record, problem);
    if (problems.length > 0) throw new Refusal(422, `Validation Failed: ${problems.join("; ")}`);
    if (this.kind === "gitea" && absentInGitea(operation.id)) throw notFound();
    const served = ROUTES[operation.id];
    const elsewhere =
      (params["owner"] ?? this.owner).toLowerCase() !== this.owner.toLowerCase() ||
      (params["repo"] ?? this.repo).toLowerCase() !== this.repo.toLowerCase();
    if (served === undefined || elsewhere) throw notFound();
    const call: Call = {
      repository: this.repository,
      token: this.tokens.get(record.token ?? "") ?? null,
      params,
      query: record.query,
      body: isObject(record.body) ? record.body : {},
      // Gitea answers with JSON, whatever is asked for.
      accept: this.kind === "gitea" ? "" : (record.headers["accept"] ?? ""),
      apiUrl: this.apiUrl,
      blobUrl: this.blobs?.origin ?? "",
    };
    if (params["owner"] !== undefined) authorize(call, served.permission);
    return this.checked(record, found, served.handle(call));
  }

  private checked(record: RecordedRequest, found: Found | null, reply: Reply): Reply {
    if (this.kind === "gitea") return asGitea(record.operation ?? "", reply);
    if (found === null || reply.raw !== undefined) return reply;
    for (const problem of answerProblems(found.operation, reply.status, reply.body))
      this.violate(record, problem);
    return reply;
  }

  private send(record: RecordedRequest, response: ServerResponse, reply: Reply, truncated = false): void {
    const content = reply.raw ?? Buffer.from(reply.body === undefined ? "" : JSON.stringify(reply.body));
    record.status = reply.status;
    response.writeHead(reply.status, {
      ...(reply.raw === undefined ? { "content-type": "application/json; charset=utf-8" } : {}),
      ...(this.kind === "github" ? rateHeaders(this.requests.length) : {}),
      "content-length": content.length,
      ...reply.headers,
    });
    if (!truncated) return void response.end(content);
    response.write(content.subarray(0, Math.floor(content.length / 2)), () => response.destroy());
  }

  /** As the storage behind GitHub does: it refuses requests that bring a token along with the signed address. */
  private async serveBlob(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://stand-in.invalid").pathname;
    const { authorization } = request.headers;
    const record: RecordedRequest = {
      method: request.method ?? "GET",
      path,
      query: {},
      headers: textHeaders(request),
      body: undefined,
      token: authorization ?? null,
      atMs: Date.now(),
      operation: "blob",
      status: 0,
    };
    this.requests.push(record);
    await this.hook(record);
    const fault = this.faults.take(record.method, path);
    if (fault === "drop" || fault === "drop-after") return void response.destroy();
    if (fault !== null && typeof fault === "object") {
      if ("status" in fault) return this.send(record, response, faultReply(fault));
      await this.wait(fault.delayMs);
    }
    if (authorization !== undefined) this.violate(record, "a token was sent to the storage's host");
    const id = Number(/^\/artifacts\/(\d+)\.zip$/u.exec(path)?.[1]);
    const artifact = this.repository.artifacts.get(id);
    const refused = authorization !== undefined ? 403 : artifact === undefined ? 404 : null;
    const headers = { "content-type": refused === null ? "application/zip" : "application/xml" };
    const raw = refused === null ? artifact?.zip : Buffer.from(`<Error><Code>${refused}</Code></Error>`);
    this.send(
      record,
      response,
      { status: refused ?? 200, headers, raw: raw ?? Buffer.alloc(0) },
      fault === "truncate",
    );
  }
}

const textHeaders = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

const parsed = (body: Buffer): unknown => {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString("utf8")) as Json;
  } catch {
    return body.toString("utf8");
  }
};

const rateHeaders = (used: number): Record<string, string> => ({
  "x-ratelimit-limit": String(LIMIT),
  "x-ratelimit-remaining": String(Math.max(LIMIT - used, 0)),
  "x-ratelimit-used": String(used),
  "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 3600),
  "x-ratelimit-resource": "core",
  "x-github-request-id": `${randomBytes(2).toString("hex")}:${randomBytes(4).toString("hex")}`.toUpperCase(),
});

export const startGitHub = async (options: GitHubOptions = {}): Promise<GitHubServer> => {
  const server = new Server(options);
  await server.start();
  return server;
};
