/** Headers of one connection alone (RFC 9110, 7.6.1). Transfer-Encoding is kept: the framing is made anew in its manner. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
]);

/** Without those of the connection, and those that `Connection` names. */
export const endToEnd = (rawHeaders: readonly string[], also: readonly string[] = []): readonly string[] => {
  const dropped = new Set([...HOP_BY_HOP, ...also]);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== "connection") continue;
    for (const name of (rawHeaders[index + 1] ?? "").split(",")) dropped.add(name.trim().toLowerCase());
  }
  // How long the body is can not be a matter of the connection, whatever `Connection` says.
  dropped.delete("content-length");
  dropped.delete("transfer-encoding");
  return rawHeaders.filter((_, index) => !dropped.has(rawHeaders[index - (index % 2)]?.toLowerCase() ?? ""));
};
