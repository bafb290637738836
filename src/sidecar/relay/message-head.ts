import type { EditableHead } from "../faults/fault.ts";
import type { Framing } from "./http-scanner.ts";

/** A message head as read: names and values as they came, in order. */
export interface MessageHead {
  readonly raw: Buffer;
  readonly startLine: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface RequestLine {
  readonly method: string;
  readonly target: string;
}

/** Null where it is no HTTP/1 head. Folded header lines (obsolete) are joined. Latin-1 keeps every byte. */
export const parseHead = (raw: Buffer): MessageHead | null => {
  const lines = raw.toString("latin1").split("\n");
  const startLine = stripCr(lines[0] ?? "");
  if (!startLine.includes("HTTP/1.")) return null;
  const headers: { name: string; value: string }[] = [];
  for (let index = 1; index < lines.length; index++) {
    const line = stripCr(lines[index] ?? "");
    if (line === "") continue;
    const first = line.charCodeAt(0);
    const last = headers.at(-1);
    if ((first === 32 || first === 9) && last !== undefined) {
      last.value = `${last.value} ${line.trim()}`.trim();
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0) return null;
    headers.push({ name: line.slice(0, colon), value: line.slice(colon + 1).trim() });
  }
  return { raw, startLine, headers };
};

const stripCr = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);

/** Values of a header joined with ", "; `name` in lower case. */
export const headerValue = (
  head: { readonly headers: readonly { readonly name: string; readonly value: string }[] },
  name: string,
): string | undefined => {
  let found: string | undefined;
  for (const header of head.headers) {
    if (header.name.length !== name.length || header.name.toLowerCase() !== name) continue;
    found = found === undefined ? header.value : `${found}, ${header.value}`;
  }
  return found;
};

export const parseRequestLine = (startLine: string): RequestLine | null => {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +(\S+) +HTTP\/1\.\d$/.exec(startLine);
  return match === null ? null : { method: match[1] ?? "", target: match[2] ?? "" };
};

/** Status code of a response's start line, or null. */
export const parseStatus = (startLine: string): number | null => {
  const match = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(startLine);
  return match === null ? null : Number(match[1]);
};

/** Body framing of a request (RFC 9112, 6.3). */
export const requestFraming = (head: MessageHead, method: string): Framing => {
  const framing = declaredFraming(head);
  if (framing.type !== "undeclared") return framing;
  return method === "CONNECT" ? { type: "tunnel" } : { type: "none" };
};

/** Body framing of a final response to a request of that method. */
export const responseFraming = (head: MessageHead, status: number, method: string): Framing => {
  if (status === 101 || (method === "CONNECT" && status >= 200 && status < 300)) return { type: "tunnel" };
  if (status < 200 || status === 204 || status === 304 || method === "HEAD") return { type: "none" };
  const framing = declaredFraming(head);
  return framing.type === "undeclared" ? { type: "close" } : framing;
};

const declaredFraming = (head: MessageHead): Framing | { readonly type: "undeclared" } => {
  const coding = headerValue(head, "transfer-encoding");
  if (coding !== undefined) {
    return /(?:^|[,\s])chunked\s*$/i.test(coding) ? { type: "chunked" } : { type: "malformed" };
  }
  const length = headerValue(head, "content-length");
  if (length === undefined) return { type: "undeclared" };
  const values = new Set(length.split(",").map((value) => value.trim()));
  const [only] = values;
  if (values.size !== 1 || only === undefined || !/^\d{1,15}$/.test(only)) return { type: "malformed" };
  return { type: "length", length: Number(only) };
};

export const editable = (head: MessageHead): EditableHead => ({
  startLine: head.startLine,
  headers: head.headers.map((header) => ({ ...header })),
});

export const serializeHead = (head: EditableHead): Buffer =>
  Buffer.from(
    `${head.startLine}\r\n${head.headers.map(({ name, value }) => `${name}: ${value}\r\n`).join("")}\r\n`,
    "latin1",
  );

/** Sets a header in place (keeping its position), or adds it. */
export const setHeader = (head: EditableHead, name: string, value: string): void => {
  const lower = name.toLowerCase();
  const first = head.headers.find((header) => header.name.toLowerCase() === lower);
  if (first === undefined) {
    head.headers.push({ name, value });
    return;
  }
  first.value = value;
  head.headers = head.headers.filter((header) => header === first || header.name.toLowerCase() !== lower);
};

export const dropHeader = (head: EditableHead, name: string): boolean => {
  const lower = name.toLowerCase();
  const before = head.headers.length;
  head.headers = head.headers.filter((header) => header.name.toLowerCase() !== lower);
  return head.headers.length < before;
};
