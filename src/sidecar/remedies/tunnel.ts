import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** An upgrade or a CONNECT: the request as it came and all that follows, past the remedies. FIN stays FIN, RST stays RST. */
export const tunnel = (request: IncomingMessage, down: Socket, head: Buffer, up: Socket | null): void => {
  if (up === null) {
    down.resetAndDestroy();
    return;
  }
  const { method = "", url = "", httpVersion, rawHeaders } = request;
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ""}\r\n`] : [],
  );
  up.write(Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join("")}\r\n`, "latin1"));
  if (head.length > 0) up.write(head);
  for (const [one, other] of [
    [down, up],
    [up, down],
  ] as const) {
    one.on("error", () => other.resetAndDestroy());
    one.once("close", () => other.destroySoon());
    one.pipe(other);
  }
};
