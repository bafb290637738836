import * as core from "@actions/core";
import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";

/** What could not be posted, and why: in the log at once, and in what is posted after it. */
export class Notices {
  readonly lines: string[] = [];

  add(line: string): void {
    const plain = plainText(line, 1000);
    this.lines.push(plain);
    core.warning(plain, { title: "squall" });
  }

  /** Runs what may fail without changing the verdict. @returns null where it failed, with a notice */
  async attempt<T>(what: string, run: () => Promise<T>): Promise<T | null> {
    try {
      return await run();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const remedy = error instanceof SquallError && error.remedy !== undefined ? ` ${error.remedy}` : "";
      this.add(`${what}: ${why}${remedy}`);
      return null;
    }
  }
}
