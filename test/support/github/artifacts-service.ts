/**
 * The service behind `@actions/artifact`: a twirp answerer (the toolkit's lib/generated/results/api/v1) before a blob storage.
 * GITHUB_SERVER_URL must end in `.localhost`, or the toolkit takes it for an enterprise server, which has no such service.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type BlobStore, startBlobStore } from "./azurite.ts";
import { isObject, type Json, type JsonObject, textOf } from "./description.ts";
import { listen } from "./listen.ts";
import type { Repo } from "./repository.ts";

export interface ArtifactsOptions {
  /** Run that uploads. */
  readonly run?: number;
  /** Where finished artifacts are put too, so that the REST API of the stand-in shows them. */
  readonly repository?: Repo;
}

export interface ArtifactsService extends AsyncDisposable {
  readonly env: {
    readonly ACTIONS_RESULTS_URL: string;
    readonly ACTIONS_RUNTIME_TOKEN: string;
    readonly GITHUB_SERVER_URL: string;
  };
  /** Finished uploads by name. */
  uploaded(): Promise<Map<string, { readonly content: Buffer; readonly expiresAt: string | null }>>;
  /** The next `times` calls of a method answer with this status (twirp's error body). */
  fail(method: TwirpMethod, status: number, times?: number): void;
}

export type TwirpMethod =
  | "CreateArtifact"
  | "FinalizeArtifact"
  | "ListArtifacts"
  | "GetSignedArtifactURL"
  | "DeleteArtifact";

interface Upload {
  readonly id: number;
  readonly name: string;
  readonly expiresAt: string | null;
  size: number | null;
  digest: string;
}

/** twirp's words for statuses (its specification, "Error Codes"). */
const TWIRP_CODES: Readonly<Record<number, string>> = {
  400: "invalid_argument",
  401: "unauthenticated",
  403: "permission_denied",
  404: "not_found",
  409: "already_exists",
  429: "resource_exhausted",
  503: "unavailable",
};

class TwirpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const statusOf = (error: unknown): number => (error instanceof TwirpError ? error.status : 500);

const twirpBody = (error: unknown): JsonObject => ({
  code: TWIRP_CODES[statusOf(error)] ?? "internal",
  msg: error instanceof Error ? error.message : String(error),
});

/** Unsigned: only its claims are read. */
const runtimeToken = (run: number, job: string): string => {
  const part = (json: JsonObject): string => Buffer.from(JSON.stringify(json)).toString("base64url");
  const scp = `Actions.ExampleScope Actions.Results:${run}:${job}`;
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ scp, iss: "stand-in" })}.c2lnbmF0dXJl`;
};

/** protobuf's wrappers in JSON are bare values. */
const optionalText = (json: Json | undefined): string | null =>
  json === undefined || json === null ? null : textOf(json);

class Twirp {
  readonly uploads = new Map<string, Upload>();
  private readonly store: BlobStore;
  private readonly run: number;
  private readonly repository: Repo | null;
  private lastId = 0;

  constructor(store: BlobStore, run: number, repository: Repo | null) {
    this.store = store;
    this.run = run;
    this.repository = repository;
  }

  async answer(method: TwirpMethod, body: JsonObject): Promise<JsonObject> {
    switch (method) {
      case "CreateArtifact":
        return this.create(body);
      case "FinalizeArtifact":
        return this.finalize(body);
      case "ListArtifacts":
        return this.list(body);
      case "GetSignedArtifactURL":
        return { signed_url: this.store.url(this.finished(body).name) };
      case "DeleteArtifact": {
        const { id, name } = this.finished(body);
        this.uploads.delete(name);
        this.repository?.artifacts.delete(id);
        return { ok: true, artifact_id: String(id) };
      }
    }
  }

  private create(body: JsonObject): JsonObject {
    const name = textOf(body["name"]);
    if (/[":<>|*?\r\n\\/]/u.test(name) || name === "") {
      throw new TwirpError(400, `the artifact name ${JSON.stringify(name)} is not valid`);
    }
    if (this.uploads.has(name)) {
      throw new TwirpError(409, "an artifact with this name already exists on the workflow run");
    }
    this.lastId += 1;
    const id = this.repository?.nextId() ?? this.lastId;
    this.uploads.set(name, { id, name, expiresAt: optionalText(body["expires_at"]), size: null, digest: "" });
    return { ok: true, signed_upload_url: this.store.url(name) };
  }

  /** Takes nobody's word for what was uploaded. */
  private async finalize(body: JsonObject): Promise<JsonObject> {
    const upload = this.uploads.get(textOf(body["name"]));
    if (upload === undefined) throw new TwirpError(404, "artifact not found");
    const content = await this.store.read(upload.name);
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    const said = optionalText(body["hash"]);
    if (textOf(body["size"]) !== String(content.length)) {
      throw new TwirpError(400, `size is ${textOf(body["size"])}, but ${content.length} bytes were uploaded`);
    }
    if (said !== null && said !== digest)
      throw new TwirpError(400, `hash is ${said}, but ${digest} was uploaded`);
    upload.size = content.length;
    upload.digest = digest;
    this.repository?.artifacts.set(upload.id, {
      id: upload.id,
      name: upload.name,
      zip: content,
      run: this.run,
      createdAt: this.repository.now(),
      expired: false,
    });
    return { ok: true, artifact_id: String(upload.id) };
  }

  private finished(body: JsonObject): Upload {
    const upload = this.uploads.get(textOf(body["name"]));
    if (upload === undefined || upload.size === null) throw new TwirpError(404, "artifact not found");
    return upload;
  }

  private list(body: JsonObject): JsonObject {
    const name = optionalText(body["name_filter"]);
    const id = optionalText(body["id_filter"]);
    const found = [...this.uploads.values()].filter(
      (upload) =>
        upload.size !== null &&
        (name === null || upload.name === name) &&
        (id === null || String(upload.id) === id),
    );
    return {
      artifacts: found.map((upload) => ({
        workflow_run_backend_id: textOf(body["workflow_run_backend_id"]),
        workflow_job_run_backend_id: textOf(body["workflow_job_run_backend_id"]),
        database_id: String(upload.id),
        name: upload.name,
        size: String(upload.size),
        created_at: new Date().toISOString(),
        digest: upload.digest,
      })),
    };
  }
}

const PREFIX = "/twirp/github.actions.results.api.v1.ArtifactService/";
const METHODS: readonly TwirpMethod[] = [
  "CreateArtifact",
  "FinalizeArtifact",
  "ListArtifacts",
  "GetSignedArtifactURL",
  "DeleteArtifact",
];

export const startArtifacts = async (options: ArtifactsOptions = {}): Promise<ArtifactsService> => {
  const { run = 1, repository = null } = options;
  const store = await startBlobStore();
  const twirp = new Twirp(store, run, repository);
  const token = runtimeToken(run, "job");
  const faults: { readonly method: TwirpMethod; readonly status: number; left: number }[] = [];
  const answer = async (request: IncomingMessage, body: Buffer): Promise<JsonObject> => {
    const name = (request.url ?? "").slice(PREFIX.length);
    const method = METHODS.find((known) => known === name);
    if (method === undefined || request.url !== `${PREFIX}${name}`)
      throw new TwirpError(404, "no such route");
    const fault = faults.find((one) => one.method === method && one.left > 0);
    if (fault !== undefined) {
      fault.left -= 1;
      throw new TwirpError(fault.status, `answered so by a test: ${fault.status}`);
    }
    if (request.headers.authorization !== `Bearer ${token}`) throw new TwirpError(401, "bad token");
    const json = JSON.parse(body.toString("utf8")) as Json;
    if (!isObject(json)) throw new TwirpError(400, "no message");
    return twirp.answer(method, json);
  };
  const api = await listen(async (request, response: ServerResponse, body) => {
    const [status, json] = await answer(request, body).then(
      (message) => [200, message] as const,
      (error: unknown) => [statusOf(error), twirpBody(error)] as const,
    );
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  });
  return {
    env: {
      ACTIONS_RESULTS_URL: `${api.origin}/`,
      ACTIONS_RUNTIME_TOKEN: token,
      GITHUB_SERVER_URL: "http://squall.localhost",
    },
    uploaded: async () => {
      const finished = [...twirp.uploads.values()].filter(({ size }) => size !== null);
      const contents = await Promise.all(finished.map(({ name }) => store.read(name)));
      return new Map(
        finished.map(({ name, expiresAt }, index) => [
          name,
          { content: contents[index] ?? Buffer.alloc(0), expiresAt },
        ]),
      );
    },
    fail: (method, status, times = 1) => void faults.push({ method, status, left: times }),
    [Symbol.asyncDispose]: async () => {
      await api.close();
      await store[Symbol.asyncDispose]();
    },
  };
};
