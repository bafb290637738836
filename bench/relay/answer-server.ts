/** The upstream of the relay benchmark, in a process of its own: one answer for each request, without an HTTP parser. */
import { type AddressInfo, createServer } from "node:net";
import { ANSWER, type Listening, REQUEST } from "./traffic.ts";

const server = createServer({ noDelay: true }, (socket) => {
  let received = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    received += chunk.length;
    for (; received >= REQUEST.length; received -= REQUEST.length) socket.write(ANSWER);
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => {
  const listening: Listening = { port: (server.address() as AddressInfo).port };
  process.send?.(listening);
});
process.on("disconnect", () => process.exit(0));
