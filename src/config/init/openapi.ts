import { loadDocument } from "../suite-document.ts";

/** A request made up from an API description. */
export interface SampleRequest {
  readonly id: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

export interface OpenApiFacts {
  /** Every path without parameters, for readiness. */
  readonly paths: readonly string[];
  readonly requests: readonly SampleRequest[];
}

const MOST_REQUESTS = 20;
const DEEPEST = 6;
const MOST_NODES = 300;
const LONGEST_TEXT = 500;

type Node = Readonly<Record<string, unknown>>;
const asMap = (value: unknown): Node =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Node) : {};
const first = (value: unknown): unknown => (Array.isArray(value) ? (value as unknown[])[0] : undefined);

/** Example questions, so that a first run asks something sensible. */
const QUESTION = "What can you help me with?";

/** Makes sample values from schemas; bounded in depth and size, since a schema may contain itself. */
class Sampler {
  readonly #root: Node;
  #left = MOST_NODES;

  constructor(root: Node) {
    this.#root = root;
  }

  resolve(node: unknown): Node {
    let here = asMap(node);
    for (let step = 0; step < 5; step++) {
      const ref = here["$ref"];
      if (typeof ref !== "string") return here;
      if (!ref.startsWith("#/")) return {};
      let target: unknown = this.#root;
      for (const part of ref.slice(2).split("/").slice(0, 20)) {
        const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
        target = Object.hasOwn(asMap(target), key) ? asMap(target)[key] : undefined;
      }
      here = asMap(target);
    }
    return {};
  }

  sample(schema: unknown, name: string, depth = 0): unknown {
    if (depth > DEEPEST || this.#left-- <= 0) return null;
    const node = this.resolve(schema);
    const given =
      node["example"] ?? first(node["examples"]) ?? node["default"] ?? node["const"] ?? first(node["enum"]);
    if (given !== undefined) return this.#bounded(given);
    const inner = first(node["oneOf"]) ?? first(node["anyOf"]);
    if (inner !== undefined) return this.sample(inner, name, depth + 1);
    if (Array.isArray(node["allOf"])) {
      const parts = (node["allOf"] as unknown[])
        .slice(0, 10)
        .map((part) => this.sample(part, name, depth + 1));
      return Object.fromEntries(parts.flatMap((part) => Object.entries(asMap(part))));
    }
    const type = Array.isArray(node["type"]) ? first(node["type"]) : node["type"];
    if (type === "object" || (type === undefined && node["properties"] !== undefined))
      return this.#object(node, depth);
    if (type === "array") return [this.sample(node["items"], name, depth + 1)];
    if (type === "integer" || type === "number")
      return typeof node["minimum"] === "number" ? node["minimum"] : 1;
    if (type === "boolean") return false;
    return this.#text(node, name);
  }

  #bounded(value: unknown): unknown {
    const text = JSON.stringify(value) ?? "null";
    return text.length > 4 * LONGEST_TEXT ? null : value;
  }

  #object(node: Node, depth: number): Node {
    const properties = Object.entries(asMap(node["properties"])).slice(0, 40);
    const required = Array.isArray(node["required"]) ? (node["required"] as unknown[]) : null;
    const wanted = required === null ? properties : properties.filter(([name]) => required.includes(name));
    return Object.fromEntries(wanted.map(([name, schema]) => [name, this.sample(schema, name, depth + 1)]));
  }

  #text(node: Node, name: string): string {
    switch (node["format"]) {
      case "uuid":
        return "00000000-0000-4000-8000-000000000000";
      case "email":
        return "someone@example.com";
      case "date":
        return "2025-01-01";
      case "date-time":
        return "2025-01-01T00:00:00Z";
      case "uri":
        return "https://example.com/";
      default:
        return /question|query|prompt|message|input|content|text/i.test(name) ? QUESTION : "sample";
    }
  }
}

/** Path with its parameters filled in, or null where one cannot be. */
const fillPath = (template: string, parameters: readonly Node[], sampler: Sampler): string | null => {
  let path = template;
  const query: string[] = [];
  for (const parameter of parameters) {
    const name = parameter["name"];
    if (typeof name !== "string" || name.length > 100) continue;
    const given = parameter["example"] ?? sampler.sample(parameter["schema"] ?? parameter, name);
    if (typeof given !== "string" && typeof given !== "number" && typeof given !== "boolean") continue;
    // A lone surrogate would make encodeURIComponent throw.
    const value = encodeURIComponent(String(given).slice(0, LONGEST_TEXT).toWellFormed());
    if (parameter["in"] === "path") path = path.replaceAll(`{${name}}`, value);
    else if (parameter["in"] === "query" && parameter["required"] === true)
      query.push(`${encodeURIComponent(name.toWellFormed())}=${value}`);
  }
  const whole = query.length === 0 ? path : `${path}?${query.join("&")}`;
  return /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,2000}$/.test(whole) ? whole : null;
};

const operation = (
  path: string,
  item: Node,
  method: "get" | "post",
  sampler: Sampler,
): Omit<SampleRequest, "id"> | null => {
  if (!Object.hasOwn(item, method)) return null;
  const node = sampler.resolve(item[method]);
  const parameters = [item["parameters"], node["parameters"]]
    .flatMap((list) => (Array.isArray(list) ? (list as unknown[]).slice(0, 30) : []))
    .map((parameter) => sampler.resolve(parameter));
  const filled = fillPath(path, parameters, sampler);
  if (filled === null) return null;
  if (method === "get") return { method: "GET", path: filled };
  const content = asMap(sampler.resolve(node["requestBody"])["content"]);
  const json = asMap(content["application/json"]);
  // OpenAPI 2 puts the body among the parameters.
  const body = parameters.find((parameter) => parameter["in"] === "body");
  if (Object.keys(json).length === 0 && body === undefined) return null;
  const example = json["example"] ?? asMap(Object.values(asMap(json["examples"]))[0])["value"];
  return {
    method: "POST",
    path: filled,
    body: example ?? sampler.sample(json["schema"] ?? body?.["schema"], "body"),
  };
};

/** Requests from an OpenAPI 2 or 3 file (JSON or YAML); null where it is none. Only GET and POST: nothing deletes. */
export const readOpenApi = (text: string, file: string): OpenApiFacts | null => {
  const loaded = loadDocument(text, file);
  if (!loaded.ok) return null;
  const root = asMap(loaded.document.value);
  if (root["openapi"] === undefined && root["swagger"] === undefined) return null;
  const base = typeof root["basePath"] === "string" ? root["basePath"].replace(/\/$/, "") : "";
  const items = Object.entries(asMap(root["paths"])).filter(
    ([path]) => path.startsWith("/") && path.length < 500,
  );
  const requests: SampleRequest[] = [];
  for (const [path, item] of items) {
    for (const method of ["post", "get"] as const) {
      if (requests.length >= MOST_REQUESTS) break;
      const found = operation(`${base}${path}`, asMap(item), method, new Sampler(root));
      if (found === null) continue;
      const words = `${method}-${path}`
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "-")
        .replaceAll(/^-|-$/g, "");
      requests.push({
        id: `${String(requests.length + 1).padStart(2, "0")}-${words.slice(0, 50)}`,
        ...found,
      });
    }
  }
  return { paths: items.map(([path]) => `${base}${path}`).filter((path) => !path.includes("{")), requests };
};
