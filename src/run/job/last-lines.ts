import { stripVTControlCharacters } from "node:util";

const KEPT = 20;
const LONGEST = 500;

/** The end of an output, for a message. */
export class LastLines {
  readonly #lines: string[] = [];

  add(text: string): void {
    const line = stripVTControlCharacters(text).slice(0, LONGEST);
    if (line.trim() === "") return;
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
