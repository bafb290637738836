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
