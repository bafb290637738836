import { SquallError } from "../../../core/errors.ts";

/**
 * What a child inherits: enough to find its programs and its home. Tokens, CI variables and NODE_OPTIONS of the gate are
 * not among it: a pull request's code runs in there. What a service needs, its suite names.
 */
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
  // Where language runtimes, libraries and certificates are: paths, not secrets.
  "JAVA_HOME",
  "GOPATH",
  "GOROOT",
  "GOCACHE",
  "CARGO_HOME",
  "RUSTUP_HOME",
  "DOTNET_ROOT",
  "VIRTUAL_ENV",
  "CONDA_PREFIX",
  "PYENV_ROOT",
  "PYTHONPATH",
  "LD_LIBRARY_PATH",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  // Lets a hosted runner find and end what is left over, after us.
  "RUNNER_TRACKING_ID",
];

export const baseEnvironment = (own: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(INHERITED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));

const SECRET_NAME =
  /(^|_|-)(api_?key|key|token|secret|password|passwd|pwd|pass|credentials?|auth|authorization|cookie|dsn)($|_|-)/i;

/** Shorter values are ordinary words and numbers: striking them out would only garble the log. */
const SHORTEST_SECRET = 6;

/** Strikes out the values of secret-looking (or listed) variables wherever they stand in a line. */
export const redactor = (
  env: Readonly<Record<string, string>>,
  listed: readonly string[],
): ((line: string) => string) => {
  const names = new Set(listed.map((name) => name.toLowerCase()));
  const values = Object.entries(env)
    .filter(
      ([name, value]) =>
        value.length >= SHORTEST_SECRET && (SECRET_NAME.test(name) || names.has(name.toLowerCase())),
    )
    .map(([, value]) => value)
    // The longer first: one secret may be the beginning of another.
    .sort((left, right) => right.length - left.length);
  return (line) => values.reduce((text, value) => text.replaceAll(value, "[redacted]"), line);
};

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
