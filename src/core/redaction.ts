/** Secrets out of what is written down: header values and query values whose name says what they are. */

export const REDACTED = "REDACTED";

/** Whole names, lower case, without separators. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  "authorization",
  "proxyauthorization",
  "cookie",
  "setcookie",
  "auth",
  "xauth",
  "key",
  "apikey",
  "sig",
  "pwd",
  "passwd",
  "code",
  "jwt",
  "session",
  "sessionid",
  "sid",
]);

/** Ends that mark a secret whatever stands before. Singular only: `x-ratelimit-remaining-tokens` is no secret. */
const SECRET_ENDS = [
  "token",
  "secret",
  "password",
  "apikey",
  "accesskey",
  "signature",
  "credential",
  "credentials",
];

const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * Does this header, query or environment name carry a secret?
 *
 * @param extra further names, any case, `-` and `_` alike
 */
export const isSecretName = (name: string, extra: readonly string[] = []): boolean => {
  const key = bare(name);
  return (
    SECRET_NAMES.has(key) ||
    SECRET_ENDS.some((end) => key.endsWith(end)) ||
    extra.some((other) => bare(other) === key)
  );
};

/** Headers whose value is an address, which may carry a secret in its query. */
const ADDRESS_HEADERS: ReadonlySet<string> = new Set(["referer", "location", "content-location", "origin"]);

/** The same headers with the value of every secret one replaced. */
export const redactHeaders = <V extends string | readonly string[]>(
  headers: Readonly<Record<string, V>>,
  extra: readonly string[] = [],
): Record<string, V | string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (isSecretName(name, extra)) return [name, REDACTED];
      if (ADDRESS_HEADERS.has(name.toLowerCase()) && typeof value === "string") {
        return [name, redactUrl(value, extra)];
      }
      return [name, value];
    }),
  );

/** A query name as its reader will see it; one that does not decode is judged as it stands. */
const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
};

/** A path with query (or a whole URL) with secret query values and any user:password part replaced. */
export const redactUrl = (url: string, extra: readonly string[] = []): string =>
  url
    .replace(
      /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i,
      (_, scheme: string | undefined) => `${scheme ?? ""}//${REDACTED}@`,
    )
    // A fragment is read as a query too: browsers return access tokens there.
    .replace(/([?&#;])([^=&#;?]*)=([^&#;]*)/g, (whole, before: string, name: string) =>
      isSecretName(decoded(name), extra) ? `${before}${name}=${REDACTED}` : whole,
    );

/** A line of a log: `name=value` and `"name": "value"` whose name says a secret, user:password in an address, what follows Bearer. */
export const redactLine = (line: string, extra: readonly string[] = []): string =>
  line
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`)
    .replace(/\/\/[^\s/?#@]+@/g, `//${REDACTED}@`)
    .replace(/(?<![\w.%-])([\w.%-]+)=[^\s&#;"',)]+/g, (whole, name: string) =>
      isSecretName(decoded(name), extra) ? `${name}=${REDACTED}` : whole,
    )
    .replace(/"([\w.-]{1,100})"\s*:\s*"[^"]*"?/g, (whole, name: string) =>
      isSecretName(name, extra) ? `"${name}":"${REDACTED}"` : whole,
    );
