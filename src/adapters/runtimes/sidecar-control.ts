/** The sidecar's control API from the run's side (core/sidecar-protocol.ts). */
import { Agent, request } from "undici";
import { SquallError } from "../../core/errors.ts";
import type { ExchangeRecord, Receipt } from "../../core/exchange.ts";
import type { PlacedEdgeRemedy, RemedyReceipt } from "../../core/remedy/remedy.ts";
import type {
  ActiveAnswer,
  Attribution,
  FaultState,
  ProbeAnswer,
  ReceiptsAnswer,
  RemediesAnswer,
  RemedyState,
  UpstreamChange,
} from "../../core/sidecar-protocol.ts";
import type { SidecarControl } from "../../run/ports.ts";

const TIMEOUT_MS = 10_000;

export class HttpSidecarControl implements SidecarControl {
  readonly #base: string;
  readonly #token: string;
  readonly #agent = new Agent({ connections: 2, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  #cursor = 0;

  /** @param place a port on 127.0.0.1, or a base URL such as "http://192.0.2.1:32768" */
  constructor(place: number | string, token: string) {
    this.#base = typeof place === "number" ? `http://127.0.0.1:${place}` : place;
    this.#token = token;
  }

  async setState(state: FaultState): Promise<void> {
    await this.#call("PUT", "/state", state);
  }

  async receipts(): Promise<{ readonly expired: boolean; readonly receipts: readonly Receipt[] }> {
    return JSON.parse(await this.#call("GET", "/receipts")) as ReceiptsAnswer;
  }

  async setAttribution(attribution: Attribution): Promise<void> {
    await this.#call("PUT", "/attribution", attribution);
  }

  async takeRecords(): Promise<readonly ExchangeRecord[]> {
    const records = await this.#recordsAfter(this.#cursor);
    this.#cursor = records.at(-1)?.sequence ?? this.#cursor;
    return records;
  }

  followRecords(): () => Promise<readonly ExchangeRecord[]> {
    let cursor = this.#cursor;
    return async () => {
      const records = await this.#recordsAfter(cursor);
      cursor = records.at(-1)?.sequence ?? cursor;
      return records;
    };
  }

  async #recordsAfter(sequence: number): Promise<readonly ExchangeRecord[]> {
    const text = await this.#call("GET", `/records?after=${sequence}`);
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as ExchangeRecord);
  }

  async active(): Promise<ActiveAnswer> {
    return JSON.parse(await this.#call("GET", "/active")) as ActiveAnswer;
  }

  async setRemedies(remedies: readonly PlacedEdgeRemedy[], deadlineMs: number): Promise<void> {
    await this.#call("PUT", "/remedies", { remedies, deadlineMs } satisfies RemedyState);
  }

  async remedyReceipts(): Promise<readonly RemedyReceipt[]> {
    return (JSON.parse(await this.#call("GET", "/remedies")) as RemediesAnswer).receipts;
  }

  /** Other addresses behind an edge, from the next call on. */
  async setUpstreams(edge: string, addresses: UpstreamChange["addresses"]): Promise<void> {
    await this.#call("PUT", "/upstreams", { edge, addresses } satisfies UpstreamChange);
  }

  /**
   * Whether something answers at an address, as seen from the sidecar, within 2 s. With a path a GET must answer 2xx,
   * without one a connection is enough.
   */
  async probe(host: string, port: number, path?: string): Promise<ProbeAnswer> {
    const query = new URLSearchParams({ host, port: String(port), ...(path === undefined ? {} : { path }) });
    return JSON.parse(await this.#call("GET", `/probe?${query.toString()}`)) as ProbeAnswer;
  }

  /** Asks the sidecar to leave. A sidecar that is gone already has obeyed. */
  async stop(): Promise<void> {
    await this.#call("POST", "/stop").catch(() => undefined);
    await this.#agent.destroy();
  }

  async #call(method: "GET" | "PUT" | "POST", path: string, body?: unknown): Promise<string> {
    try {
      const answer = await request(this.#base + path, {
        method,
        dispatcher: this.#agent,
        headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      if (answer.statusCode < 300) return text;
      throw new Error(`${method} ${path} answered ${answer.statusCode}: ${text.slice(0, 500)}`);
    } catch (cause) {
      throw new SquallError("sidecar-failed", `The sidecar did not do what it was asked: ${String(cause)}`, {
        place: `${method} ${path}`,
        remedy: "Its log is logs/sidecar.log in the run's directory; if it ended, please report it.",
        cause,
      });
    }
  }
}
