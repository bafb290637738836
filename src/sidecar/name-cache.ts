import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** How long an answer is taken for true, ms: a look-up for each connection would cost as much as the relay itself. */
const FRESH_MS = 1000;

interface Answer {
  readonly addresses: readonly LookupAddress[];
  readonly untilMs: number;
}

type Told = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void;
/** Asks the system for all addresses of a name. */
export type AskNames = (hostname: string, tell: Told) => void;

const askSystem: AskNames = (hostname, tell) => lookup(hostname, { all: true }, tell);

/** Addresses of upstream names, remembered for a second. Failures are not: a name may come back at any time. */
export class NameCache {
  private readonly answers = new Map<string, Answer>();
  private readonly now: () => number;
  private readonly ask: AskNames;

  constructor(now: () => number = () => performance.now(), ask: AskNames = askSystem) {
    this.now = now;
    this.ask = ask;
  }

  /** For `net.connect`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const tell: Told = (error, addresses) => {
      const [first] = addresses;
      if (options.all === true) callback(error, [...addresses]);
      else callback(error, first?.address ?? "", first?.family);
    };
    const known = this.answers.get(hostname);
    if (known !== undefined && this.now() < known.untilMs) tell(null, known.addresses);
    else this.askAnew(hostname, tell);
  };

  /** Whatever is remembered. */
  askAnew(hostname: string, tell: Told): void {
    this.forget(hostname);
    this.ask(hostname, (error, addresses) => {
      if (error === null) this.answers.set(hostname, { addresses, untilMs: this.now() + FRESH_MS });
      tell(error, error === null ? addresses : []);
    });
  }

  forget(hostname: string): void {
    this.answers.delete(hostname);
  }
}
