/** How much of what was read is compared with what is read next, where a file's beginning is not given any more. */
const OVERLAP = 4096;

/** Whole lines that a file has gained since the last look. One that was cut short or written anew is read from its beginning. */
export class FileNews {
  #known = "";

  /** @param text the file, or its end; null: it is not there */
  take(text: string | null): readonly string[] {
    if (text === null) {
      this.#known = "";
      return [];
    }
    const fresh = this.#freshPart(text);
    const end = fresh.lastIndexOf("\n") + 1;
    this.#known = text.slice(0, text.length - fresh.length + end);
    return fresh
      .slice(0, end)
      .split("\n")
      .map((line) => line.replace(/\r$/, ""))
      .filter((line) => line !== "");
  }

  #freshPart(text: string): string {
    if (text.startsWith(this.#known)) return text.slice(this.#known.length);
    // Of a long file only the end is given: what was known has moved towards its beginning.
    const overlap = this.#known.slice(-OVERLAP);
    const at = overlap.length < OVERLAP ? -1 : text.lastIndexOf(overlap);
    return at < 0 ? text : text.slice(at + OVERLAP);
  }
}
