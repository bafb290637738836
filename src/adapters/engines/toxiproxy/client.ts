/**
 * The part of Toxiproxy's API that squall needs, after its source at v2.12.0 (api.go).
 *
 * Our own, because the ready ones fit badly: @testcontainers/toxiproxy publishes 33 ports for each container (8474 and
 * 8666-8697; stopping it took 2.4 s), while our edges are reached on the run's own network under their own ports;
 * toxiproxy-node-client under it updates by POST, which the server calls deprecated, throws away the server's error
 * text, and sets no timeout.
 */
import { Agent, request } from "undici";
import { SquallError } from "../../../core/errors.ts";

/** The server gives itself 25 s; whoever clears a fault must not wait that long to learn that it hangs. */
const TIMEOUT_MS = 5000;
/** The first 2.x that takes PATCH. */
const LEAST_MINOR = 6;

export type ToxicStream = "upstream" | "downstream";

/** A toxic as the API takes and shows it. Attributes are whole numbers. */
export interface Toxic {
  readonly name: string;
  readonly type: string;
  readonly stream: ToxicStream;
  /** Share of connections; drawn anew with every change of any toxic, so squall only uses 1. */
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

export interface ProxySettings {
  readonly name: string;
  /** host:port; port 0: the server chooses. */
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

export interface ProxyState extends ProxySettings {
  readonly toxics: readonly Toxic[];
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Text of the server's error, without its JSON around. */
const errorText = (text: string): string => {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not JSON: the text itself says it.
  }
  return text.trim().slice(0, 300);
};

export const isGone = (error: unknown): boolean =>
  error instanceof SquallError && error.cause instanceof NoAnswer;

/** Nothing came back: no listener, a broken connection, or silence. */
class NoAnswer extends Error {}

const why = (error: unknown): string => {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return `no answer within ${TIMEOUT_MS / 1000} s`;
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};

export class ToxiproxyClient {
  readonly url: string;
  readonly #agent = new Agent({ connections: 4 });

  /** @param url of the API, as http://host:port */
  constructor(url: string) {
    this.url = url.replace(/\/+$/, "");
  }

  /** Makes sure that a Toxiproxy 2.x answers there. @throws SquallError `engine-unavailable` */
  async checkVersion(): Promise<void> {
    const { status, text } = await this.#call("GET", "/version");
    if (status === 403) {
      throw this.#refusal("GET", "/version", `Access is forbidden at ${this.url}.`, {
        detail: errorText(text),
        remedy:
          "Something stands before Toxiproxy that keeps programs out: write the address of its own API.",
      });
    }
    // Old servers answer the bare number or break the JSON; one built without its version calls itself "git".
    const version = /^\s*(?:\{\s*"version"\s*:\s*"?)?v?(git|\d+\.\d+[\w.-]*)"?\s*\}?\s*$/.exec(text)?.[1];
    if (status !== 200 || version === undefined) {
      throw this.#refusal("GET", "/version", `What answers at ${this.url} is no Toxiproxy.`, {
        detail: `${status} ${errorText(text)}`,
        remedy: "Write the address of Toxiproxy's API (its port is 8474 unless it was told otherwise).",
      });
    }
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (version !== "git" && (major !== 2 || minor < LEAST_MINOR)) {
      throw this.#refusal(
        "GET",
        "/version",
        `Toxiproxy ${version} answers at ${this.url}; squall speaks to 2.${LEAST_MINOR} and later 2.x.`,
        { remedy: "Use Toxiproxy 2.12.0." },
      );
    }
  }

  /** @throws SquallError with words of its own where the name or the port is taken */
  async createProxy(settings: ProxySettings): Promise<ProxyState> {
    const answer = await this.#call("POST", "/proxies", settings);
    if (answer.status === 409) {
      throw this.#refusal("POST", "/proxies", `Toxiproxy has a proxy named ${settings.name} already.`, {
        detail: errorText(answer.text),
        remedy: "Run again: squall draws a new name for each run, and touches no proxy that is not its own.",
      });
    }
    if (isAddressInUse(answer)) {
      throw this.#refusal("POST", "/proxies", `Port ${settings.listen} is taken where Toxiproxy runs.`, {
        detail: errorText(answer.text),
        remedy: "End the program that listens there, or run again.",
      });
    }
    return this.#proxyOf("POST", "/proxies", answer);
  }

  /** Null where the server knows none of that name. */
  async showProxy(name: string): Promise<ProxyState | null> {
    const path = proxyPath(name);
    const answer = await this.#call("GET", path);
    return answer.status === 404 ? null : this.#proxyOf("GET", path, answer);
  }

  /** False: the port is taken by another program at the moment. */
  async enableProxy(name: string): Promise<boolean> {
    const path = proxyPath(name);
    const answer = await this.#call("PATCH", path, { enabled: true });
    if (isAddressInUse(answer)) return false;
    this.#proxyOf("PATCH", path, answer);
    return true;
  }

  /** One that is not there is deleted. */
  async deleteProxy(name: string): Promise<void> {
    await this.#delete(proxyPath(name));
  }

  async addToxic(proxy: string, toxic: Toxic): Promise<void> {
    const path = `${proxyPath(proxy)}/toxics`;
    const answer = await this.#call("POST", path, toxic);
    if (answer.status !== 200) this.#fail("POST", path, answer);
  }

  /** One that is not there is deleted. */
  async deleteToxic(proxy: string, toxic: string): Promise<void> {
    await this.#delete(`${proxyPath(proxy)}/toxics/${encodeURIComponent(toxic)}`);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #delete(path: string): Promise<void> {
    const answer = await this.#call("DELETE", path);
    if (answer.status !== 204 && answer.status !== 404) this.#fail("DELETE", path, answer);
  }

  #proxyOf(method: string, path: string, answer: Answer): ProxyState {
    if (answer.status !== 200 && answer.status !== 201) this.#fail(method, path, answer);
    return JSON.parse(answer.text) as ProxyState;
  }

  #fail(method: string, path: string, { status, text }: Answer): never {
    throw this.#refusal(method, path, `Toxiproxy answered ${status}: ${errorText(text)}`, {
      remedy: "Look into its log; squall is tested with Toxiproxy 2.12.0.",
    });
  }

  #refusal(
    method: string,
    path: string,
    message: string,
    { detail, remedy }: { readonly detail?: string; readonly remedy: string },
  ): SquallError {
    return new SquallError("engine-unavailable", message, {
      place: `${method} ${this.url}${path}`,
      remedy,
      ...(detail === undefined ? {} : { detail: [detail] }),
    });
  }

  async #call(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Answer> {
    try {
      const answer = await request(this.url + path, {
        method,
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        // The server answers 403 to whatever calls itself Mozilla.
        headers: { "user-agent": "squall", "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (error) {
      throw new SquallError(
        "engine-unavailable",
        `Toxiproxy gives no answer at ${this.url}: ${why(error)}.`,
        {
          place: `${method} ${this.url}${path}`,
          remedy: "Start Toxiproxy 2.x there, or write the address of one that runs as toxiproxy.url.",
          cause: new NoAnswer(why(error), { cause: error }),
        },
      );
    }
  }
}

const proxyPath = (name: string): string => `/proxies/${encodeURIComponent(name)}`;

const isAddressInUse = ({ status, text }: Answer): boolean =>
  status >= 400 && /address already in use/i.test(text);
