/**
 * Regular expressions of a suite file, for lines of output. They come from whoever wrote the suite and meet whatever a process wrote, so the
 * engine is RE2's (https://github.com/google/re2/wiki/Syntax): time linear in the line, no backtracking, and therefore neither
 * look-around nor back-references.
 */
import { RE2JS, RE2JSSyntaxException } from "re2js";

/** Instructions: a line costs at most so many times its characters. */
const LARGEST_PROGRAM = 1000;

export type LinePattern =
  | { readonly ok: true; readonly value: RE2JS }
  /** `syntax` has the engine's words. */
  | { readonly ok: false; readonly why: "empty" | "long" | "costly" | "matches-nothing" }
  | { readonly ok: false; readonly why: "syntax"; readonly message: string };

/** @param longest characters */
export const compileLinePattern = (text: string, longest: number): LinePattern => {
  if (text === "") return { ok: false, why: "empty" };
  if (text.length > longest) return { ok: false, why: "long" };
  try {
    const value = RE2JS.compile(text);
    if (value.programSize() > LARGEST_PROGRAM) return { ok: false, why: "costly" };
    return value.test("") ? { ok: false, why: "matches-nothing" } : { ok: true, value };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return { ok: false, why: "syntax", message: error.message.replace("error parsing regexp: ", "") };
  }
};
