import { SquallError } from "../../../core/errors.ts";

/**
 * What a child inherits: enough to find its programs and its home. Tokens, CI variables and NODE_OPTIONS of the gate are
 * not among it: a pull request's code runs in there. What a service needs, its suite names.
 */
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "SHELL",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
];

export const baseEnvironment = (own: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(INHERITED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));

/** Replaces `{{name}}`; an unknown name is an error, not an empty text. */
export const substitute = (text: string, values: Readonly<Record<string, string>>, place: string): string =>
  text.replaceAll(/\{\{\s*([A-Za-z0-9_-]+)\s*\}\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw new SquallError("suite-invalid", `${whole} names no dependency.`, {
        place,
        remedy: `Known names: ${Object.keys(values).join(", ")}.`,
      });
    }
    return value;
  });
