import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** How long an answer is taken for true, ms: a look-up for each connection would cost as much as the relay itself. */
const FRESH_MS = 1000;

interface Answer {
  readonly addresses: readonly LookupAddress[];
  readonly untilMs: number;
}

const resolve = (hostname: string): Promise<LookupAddress[]> =>
  new Promise((done, fail) => {
    lookup(hostname, { all: true }, (error, addresses) => (error === null ? done(addresses) : fail(error)));
  });

/** Addresses of upstream names, remembered for a second. Failures are not: a name may come back at any time. */
export class NameCache {
  private readonly answers = new Map<string, Answer>();
  private readonly now: () => number;
  private readonly ask: typeof resolve;

  constructor(now: () => number = () => performance.now(), ask: typeof resolve = resolve) {
    this.now = now;
    this.ask = ask;
  }

  /** For `net.connect`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.addressesOf(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, [...addresses]);
        else if (first !== undefined) callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, options.all === true ? [] : ""),
    );
  };

  async addressesOf(hostname: string): Promise<readonly LookupAddress[]> {
    const known = this.answers.get(hostname);
    if (known !== undefined && this.now() < known.untilMs) return known.addresses;
    return this.refresh(hostname);
  }

  /** Asks anew, whatever is remembered. */
  async refresh(hostname: string): Promise<readonly LookupAddress[]> {
    this.answers.delete(hostname);
    const addresses = await this.ask(hostname);
    this.answers.set(hostname, { addresses, untilMs: this.now() + FRESH_MS });
    return addresses;
  }
}
