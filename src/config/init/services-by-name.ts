/** What the service calls, by the names and values of its variables. */
import { type FoundDependency, safePort } from "./findings.ts";
import { dependencyNameOf } from "./names.ts";
import type { FoundVariable } from "./variables.ts";

const ADDRESS = /(?:^|_)(?:API_)?(?:BASE_?)?(?:URL|URI|ENDPOINT|ADDR|ADDRESS|DSN|BASE|HOST|HOSTNAME)$/;
/** Addresses of the service itself, of people's browsers, and of what only watches. */
const NOT_CALLED =
  /^(?:|PUBLIC|BASE|APP|APPLICATION|SITE|SELF|SERVER|WEB|FRONTEND|EXTERNAL|ORIGIN|CORS|CLIENT|BIND|LISTEN|DOCS?|LOGO|ASSETS?|CDN|SENTRY|API|SERVICE|OTEL.*|NEXT_PUBLIC.*|VITE.*|.*PROXY|.*CALLBACK|.*REDIRECT|.*WEBHOOK|HEALTH.*)$/;

const ANTHROPIC = /(?:^|_)(?:ANTHROPIC|CLAUDE)(?:_|$)/;
const MODEL =
  /(?:^|_)(?:OPENAI|LLM|VLLM|LITELLM|MODEL|CHAT|COMPLETIONS?|INFERENCE|GPT|MISTRAL|GROQ|TOGETHER|TGI|EMBEDDINGS?|EMBEDDER|EMBED)(?:_|$)/;
const STORES: readonly (readonly [RegExp, string, number])[] = [
  [/(?:^|_)(?:REDIS|VALKEY)(?:_|$)/, "redis", 6379],
  [/(?:^|_)(?:POSTGRES(?:QL)?|PG|DATABASE|DB)(?:_|$)/, "postgres", 5432],
  [/(?:^|_)MYSQL(?:_|$)/, "mysql", 3306],
  [/(?:^|_)MONGO(?:DB)?(?:_|$)/, "mongodb", 27_017],
];

const LOCAL = /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])$/;

interface Address {
  readonly protocol: string;
  readonly host: string;
  readonly port: number | null;
  /** Without a slash at its end. */
  readonly path: string;
  /** `user:password@` where both are plain: an example's, for a store on this machine. */
  readonly user: string;
}

const addressOf = (value: string | undefined): Address | null => {
  if (value === undefined || !/^[a-z][a-z0-9+.-]{1,20}:\/\//.test(value) || !URL.canParse(value)) return null;
  const { protocol, hostname, port, pathname, username, password } = new URL(value);
  const user = password === "" ? username : `${username}:${password}`;
  return {
    protocol: protocol.slice(0, -1),
    host: hostname,
    port: port === "" ? null : safePort(port),
    path: pathname.replace(/\/+$/, ""),
    user: LOCAL.test(hostname) && /^\w{1,40}(?::\w{1,40})?$/.test(user) ? `${user}@` : "",
  };
};

/** Where the API begins, below the address: as an example says, else as the code's own paths tell. */
const modelPath = (variable: FoundVariable, address: Address | null, code: string): string => {
  if (address !== null && /^[A-Za-z0-9._~/-]{0,100}$/.test(address.path)) return address.path;
  if (variable.name.startsWith("OPENAI")) return "/v1";
  return /\/v1\/(?:chat|completions|embeddings|responses)/.test(code) ? "" : "/v1";
};

const valueOf = ({ fallback, example }: FoundVariable): Address | null =>
  addressOf(fallback) ?? addressOf(example);

const model = (variable: FoundVariable, stem: string, code: string): FoundDependency => {
  const { name, seenIn } = variable;
  const own = /EMBED/.test(stem) ? "embeddings" : "llm";
  return ANTHROPIC.test(stem)
    ? {
        name: "anthropic",
        offer: { type: "stub", stub: "anthropic" },
        env: { [name]: "{{anthropic}}" },
        seenIn: `${name} in ${seenIn}`,
      }
    : {
        name: own,
        offer: { type: "stub", stub: "openai" },
        env: { [name]: `{{${own}}}${modelPath(variable, valueOf(variable), code)}` },
        seenIn: `${name} in ${seenIn}`,
      };
};

const storeUrl = (kind: string, address: Address | null): string => {
  const scheme = address !== null && /^[a-z0-9+]{2,20}$/.test(address.protocol) ? address.protocol : kind;
  const path = address !== null && /^[\w/-]{0,60}$/.test(address.path) ? address.path : "";
  return `${scheme}://${address?.user ?? ""}{{${kind}}}${path}`;
};

/** A store behind one URL. HOST and PORT are two variables: the first is filled in, the second follows where it is. */
const store = (
  variable: FoundVariable,
  [, kind, port]: (typeof STORES)[number],
  all: readonly FoundVariable[],
): FoundDependency => {
  const { name, seenIn } = variable;
  const address = valueOf(variable);
  const portName = name.replace(/HOST(?:NAME)?$/, "PORT");
  const pair = portName !== name;
  const env: Record<string, string> = pair
    ? {
        [name]: `{{${kind}.host}}`,
        ...(all.some((each) => each.name === portName) ? { [portName]: `{{${kind}.port}}` } : {}),
      }
    : { [name]: storeUrl(kind, address) };
  const running = address !== null && LOCAL.test(address.host);
  return {
    name: kind,
    offer: { type: "tcp", port: address?.port ?? port, ...(running ? { runs: true as const } : {}) },
    env,
    seenIn: `${name} in ${seenIn}`,
  };
};

const http = (variable: FoundVariable, stem: string): FoundDependency | null => {
  const { name, seenIn } = variable;
  const address = valueOf(variable);
  if (address !== null && !/^https?$/.test(address.protocol)) return null;
  if (address === null && !/(?:URL|ENDPOINT)$/.test(name)) return null;
  const own = /^(?:QDRANT|VECTOR(?:_STORE|_DB)?)$/.test(stem) ? "vector" : dependencyNameOf(stem);
  if (own === null) return null;
  const path = address !== null && /^[\w./-]{0,100}$/.test(address.path) ? address.path : "";
  const known = /QDRANT|VECTOR/.test(stem) ? 6333 : 8000;
  return {
    name: own,
    offer: {
      type: "http",
      port: address?.port ?? (address === null || LOCAL.test(address.host) ? known : 80),
      ...(address !== null && LOCAL.test(address.host) ? { runs: true as const } : {}),
    },
    env: { [name]: `{{${own}}}${path}` },
    seenIn: `${name} in ${seenIn}`,
  };
};

/** A port of its own beside HOST says that the address is of a store, not of a page. */
const one = (
  variable: FoundVariable,
  all: readonly FoundVariable[],
  code: string,
): FoundDependency | null => {
  const { name } = variable;
  const suffix = ADDRESS.exec(name)?.[0];
  if (suffix === undefined) return null;
  const stem = name.slice(0, -suffix.length);
  if (NOT_CALLED.test(stem)) return null;
  if (ANTHROPIC.test(stem) || MODEL.test(stem)) {
    // Ollama's own API is another one, and a bare host has no place for a path.
    return /HOST(?:NAME)?$/.test(name) ? null : model(variable, stem, code);
  }
  const kind = STORES.find(([pattern]) => pattern.test(stem));
  return kind === undefined ? http(variable, stem) : store(variable, kind, all);
};

/** Is that address one of a service that the compose file brings along? Models are simulated all the same. */
const isInside = (variable: FoundVariable, inside: ReadonlySet<string>): boolean =>
  inside.has(valueOf(variable)?.host ?? "") || inside.has(variable.example ?? "");

/**
 * @param code the text of the source files, for the paths that it calls
 * @param inside services of the compose file that the suite names already
 */
export const dependenciesOfVariables = (
  variables: readonly FoundVariable[],
  code: string,
  inside: ReadonlySet<string>,
): FoundDependency[] =>
  variables.flatMap((variable) => {
    const found = one(variable, variables, code);
    return found === null || (found.offer.type !== "stub" && isInside(variable, inside)) ? [] : [found];
  });
