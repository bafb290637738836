/** One request on its way through the stand-in, and what answers it. */
import type { Json, JsonObject } from "./description.ts";
import type { Repo } from "./repository.ts";
import type { Operation } from "./served.ts";
import type { Token } from "./tokens.ts";

export interface Call {
  readonly repository: Repo;
  /** Null without an Authorization header. */
  readonly token: Token | null;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Checked against GitHub's description before. */
  readonly body: JsonObject;
  readonly accept: string;
  /** Where this server is, with the base path of the API. */
  readonly apiUrl: string;
  /** Where artifacts are downloaded from: another origin, as with GitHub. */
  readonly blobUrl: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: Json;
  /** Sent as it is, instead of a body in JSON. */
  readonly raw?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (call: Call) => Reply;

/** `permission` null: whoever sees the repository may. Several: any of them is enough. */
export interface Served {
  readonly permission: { readonly level: "read" | "write"; readonly any: readonly string[] } | null;
  readonly handle: Handler;
}

export type Routes = Partial<Record<Operation, Served>>;

export const may = (level: "read" | "write", ...any: readonly string[]): Served["permission"] => ({
  level,
  any,
});

/** Ends a request early. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(status: number, message: string, more: JsonObject = {}, headers: Record<string, string> = {}) {
    super(message);
    const body = { message, documentation_url: "https://docs.github.com/rest", status: `${status}`, ...more };
    this.reply = { status, body, headers };
  }
}

export const notFound = (): Refusal => new Refusal(404, "Not Found");

export const unprocessable = (message: string, errors: readonly JsonObject[] = []): Refusal =>
  new Refusal(422, message, errors.length === 0 ? {} : { errors });

export const required = <T>(found: T | undefined | null): T => {
  if (found === undefined || found === null) throw notFound();
  return found;
};

/** A page of a list, with the Link header by which clients find the others. */
export const page = <T>(
  call: Call,
  path: string,
  all: readonly T[],
): { readonly items: readonly T[]; readonly headers: Record<string, string> } => {
  const size = Math.min(Math.max(Number(call.query["per_page"] ?? 30), 1), 100);
  const number = Math.max(Number(call.query["page"] ?? 1), 1);
  const last = Math.max(Math.ceil(all.length / size), 1);
  const link = (to: number, name: string): string => {
    const query = new URLSearchParams({ ...call.query, page: String(to) });
    return `<${call.apiUrl}${path}?${query.toString()}>; rel="${name}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, "prev"), link(1, "first")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : []),
  ];
  return {
    items: all.slice((number - 1) * size, number * size),
    headers: links.length === 0 ? {} : { link: links.join(", ") },
  };
};

export const pathOf = (call: Call, rest: string): string => `/repos/${call.repository.fullName}${rest}`;

/** Octokit still names version 3 in its media types. */
export const wantsRaw = (call: Call): boolean => /vnd\.github(\.v3)?\.raw/u.test(call.accept);
