/** One proxy of ours on a Toxiproxy, and what it is made to do. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { SquallError } from "../../../core/errors.ts";
import type { FrontPlace } from "../../../run/ports.ts";
import { isGone, type ProxyState, type Toxic, type ToxiproxyClient } from "./client.ts";

/** What a proxy should do; without toxics it only relays. */
export interface Conduct {
  readonly toxics: readonly Toxic[];
  /** It does not listen. */
  readonly refuses: boolean;
}

/** While a port is not listened on, an outgoing connection of someone else may sit on it for a moment. */
const LISTEN_ATTEMPTS = 50;
const LISTEN_PAUSE_MS = 20;

/** What differs between what it should do and does, in words; null: nothing. */
const difference = (wanted: Conduct, { enabled, toxics }: ProxyState): string | null => {
  if (enabled === wanted.refuses) return enabled ? "it still listens" : "it does not listen";
  const extra = toxics.filter(({ name }) => !wanted.toxics.some((toxic) => toxic.name === name));
  if (extra.length > 0) return `it has ${extra.map(({ name }) => name).join(", ")} still`;
  const missing = wanted.toxics.filter((toxic) => !toxics.some((listed) => isDeepStrictEqual(listed, toxic)));
  return missing.length > 0 ? `it lacks ${missing.map(({ name }) => name).join(", ")}` : null;
};

export class OwnProxy {
  readonly edge: string;
  readonly host: string;
  readonly port: number;
  readonly #api: ToxiproxyClient;
  readonly #name: string;
  readonly #upstream: string;

  private constructor(api: ToxiproxyClient, place: FrontPlace, { name, listen }: ProxyState) {
    this.#api = api;
    this.#name = name;
    this.#upstream = place.upstream;
    this.edge = place.edge;
    this.host = place.listen.slice(0, place.listen.lastIndexOf(":"));
    this.port = Number(listen.slice(listen.lastIndexOf(":") + 1));
  }

  /** @throws SquallError `engine-unavailable` where the name or the port is taken */
  static async create(api: ToxiproxyClient, name: string, place: FrontPlace): Promise<OwnProxy> {
    const { listen, upstream } = place;
    return new OwnProxy(api, place, await api.createProxy({ name, listen, upstream, enabled: true }));
  }

  get place(): string {
    return `proxy ${this.#name} at ${this.#api.url}`;
  }

  /**
   * Makes it do this and nothing else, and proves it by what the server then lists.
   *
   * @param breaking connections that stand are broken first
   * @throws SquallError `engine-unavailable`
   */
  async conduct(wanted: Conduct, breaking: boolean): Promise<void> {
    if (breaking) await this.#renew(wanted);
    else await this.#change(wanted);
    const problem = await this.deviation(wanted);
    if (problem === null) return;
    throw new SquallError("engine-unavailable", `Toxiproxy did not do what it was told: ${problem}.`, {
      place: this.place,
      remedy:
        "Look whether someone else changes this server's proxies or resets it; give squall one of its own.",
    });
  }

  /** How what the server lists differs from this; null: not at all. */
  async deviation(wanted: Conduct): Promise<string | null> {
    const state = await this.#api.showProxy(this.#name);
    return state === null ? "the server no longer knows it" : difference(wanted, state);
  }

  /** Gives the place back. A server that is gone has given it back already. */
  async remove(): Promise<void> {
    try {
      await this.#api.deleteProxy(this.#name);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Connections live on, and meet the difference. */
  async #change(wanted: Conduct): Promise<void> {
    const state = await this.#api.showProxy(this.#name);
    if (state === null || state.enabled === wanted.refuses) {
      await this.#renew(wanted);
      return;
    }
    for (const { name } of state.toxics) {
      if (!wanted.toxics.some((toxic) => toxic.name === name)) await this.#api.deleteToxic(this.#name, name);
    }
    for (const toxic of wanted.toxics) {
      if (!state.toxics.some(({ name }) => name === toxic.name)) await this.#api.addToxic(this.#name, toxic);
    }
  }

  /**
   * Taken away and made anew, which breaks its connections as switching it off and on does. But deleting a toxic waits
   * for whatever it sleeps through (reset_peer's whole timeout, with the proxy locked); deleting the proxy does not.
   * It listens only when its toxics are there, so no connection slips in between.
   */
  async #renew(wanted: Conduct): Promise<void> {
    await this.#api.deleteProxy(this.#name);
    const listen = `${this.host}:${this.port}`;
    await this.#api.createProxy({ name: this.#name, listen, upstream: this.#upstream, enabled: false });
    for (const toxic of wanted.toxics) await this.#api.addToxic(this.#name, toxic);
    if (wanted.refuses) return;
    for (let attempt = 1; !(await this.#api.enableProxy(this.#name)); attempt++) {
      if (attempt === LISTEN_ATTEMPTS) {
        throw new SquallError(
          "engine-unavailable",
          `Another program has taken port ${this.port} meanwhile.`,
          {
            place: this.place,
            remedy: "End the program that listens there, then run again.",
          },
        );
      }
      await sleep(LISTEN_PAUSE_MS);
    }
  }
}
