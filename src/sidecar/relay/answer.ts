import { STATUS_CODES } from "node:http";
import type { Answer } from "../faults/fault.ts";

/** A whole HTTP/1.1 answer. Its length is right also for HEAD, which gets no body. */
export const answerBytes = (answer: Answer, method: string, close: boolean): Buffer => {
  const body = Buffer.from(answer.body);
  const names = new Set(Object.keys(answer.headers).map((name) => name.toLowerCase()));
  const bodiless = answer.status === 204 || answer.status === 304 || answer.status < 200;
  const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
  if (!names.has("date")) lines.push(`Date: ${new Date().toUTCString()}`);
  if (!bodiless && !names.has("content-length")) lines.push(`Content-Length: ${body.length}`);
  if (close) lines.push("Connection: close");
  const head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? "Injected"}\r\n${lines.join("\r\n")}\r\n\r\n`;
  return bodiless || method === "HEAD"
    ? Buffer.from(head, "latin1")
    : Buffer.concat([Buffer.from(head, "latin1"), body]);
};
