import type { DependencySpec } from "../../core/suite.ts";

/** What a dependency is to the service, told from its kind and name. */
export type Role = "model" | "vector" | "database" | "cache" | "queue";

/** Where a member's faults stand. */
export interface PackTarget {
  /** Value of `on`. */
  readonly name: string;
  readonly tcp: boolean;
  /** Squall starts it, so it can be killed. */
  readonly process: boolean;
}

/** What a pack knows of the suite it is put into. */
export interface PackSurroundings {
  readonly rateRps: number;
  readonly replicas: number;
}

/** A fault as it would be written in squall.yml. */
export type WrittenFault = Readonly<Record<string, unknown>> & { readonly kind: string };

export interface PackMember {
  readonly name: string;
  /** What it stands for: shown in docs/packs.md. */
  readonly why: string;
  /**
   * Dependencies it is placed on: the first role that some dependency has. `any` is every dependency that is no model;
   * absent: the service or its clients.
   */
  readonly roles?: readonly (Role | "any")[];
  /** What the target or the runtime must be able to do. */
  readonly needs?: "http" | "process" | "container";
  /** Its faults stand on the client edge: roles are a condition only, and one experiment is enough. */
  readonly once?: true;
  readonly faults: (target: PackTarget, surroundings: PackSurroundings) => readonly WrittenFault[];
}

const NAMES: Readonly<Record<Role, RegExp>> = {
  model:
    /(^|[-_])(llm|models?|openai|anthropic|gpt|claude|chat|completions?|infer(ence)?|vllm|ollama|tgi)([-_\d]|$)/i,
  vector:
    /vector|qdrant|weaviate|milvus|chroma|pinecone|(^|[-_])(search|index|embed(ding)?s?|retriev(al|er))([-_\d]|$)/i,
  database:
    /(^|[-_])(db|sql|database|store|storage|postgres(ql)?|pg|mysql|mariadb|mongo(db)?|dynamo(db)?|cassandra|clickhouse)([-_\d]|$)/i,
  cache: /cache|redis|valkey|memcached?/i,
  queue: /queue|kafka|rabbit|(^|[-_])(nats|mqtt|broker|pulsar|sqs)([-_\d]|$)/i,
};

/** Roles of a dependency. A stub is a model; the rest goes by name (whole words, so that `feedback` is no db). */
export const rolesOf = ({ name, source }: DependencySpec): readonly Role[] => {
  if (source.type === "stub") return ["model"];
  return (Object.keys(NAMES) as Role[]).filter((role) => NAMES[role].test(name));
};
