/**
 * The other end of ../replay-lateness.ts, in a process of its own: notes when each connection (fresh) or request (reuse)
 * arrived, on CLOCK_MONOTONIC, which all processes of a machine share. Answers at once.
 */
import { type AddressInfo, createServer } from "node:net";

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const ANSWER = Buffer.from(
  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
);

let accepted: number[] = [];
let asked: number[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  accepted.push(nowMs());
  let closes = false;
  socket.on("error", () => undefined);
  socket.on("data", (bytes) => {
    const head = bytes.toString("latin1");
    // Requests fit into one packet here; a body's packet of its own holds no head.
    if (!head.includes("HTTP/1.1\r\n")) return;
    asked.push(nowMs());
    closes ||= /connection: close/i.test(head);
    if (closes) socket.end(ANSWER);
    else socket.write(ANSWER);
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on("message", () => {
  process.send?.({ accepted, asked });
  accepted = [];
  asked = [];
});
process.on("disconnect", () => process.exit(0));
