/** The load of the relay benchmark, in a process of its own: closed loop on kept-alive raw sockets. */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ANSWER, type LoadOrder, type LoadResult, REQUEST } from "./traffic.ts";

const run = async (order: LoadOrder): Promise<LoadResult> => {
  const latenciesMs: number[] = [];
  const sockets: Socket[] = [];
  const openFrom = performance.now() + order.warmUpMs;
  const openTo = openFrom + order.measureMs;
  let over = false;
  let answered = 0;

  const ask = (): void => {
    const socket = connect({ port: order.port, host: order.host ?? "127.0.0.1", noDelay: true });
    sockets.push(socket);
    let received = 0;
    let askedMs = 0;
    const send = (): void => {
      received = 0;
      askedMs = performance.now();
      socket.write(REQUEST);
    };
    // A relay that drops or changes anything must not count as a fast one.
    socket.on("error", (error) => fail(error));
    socket.on("end", () => fail(new Error("the connection was closed")));
    socket.on("data", (chunk) => {
      if (!chunk.equals(ANSWER.subarray(received, received + chunk.length)))
        fail(new Error("another answer than was sent"));
      received += chunk.length;
      if (received < ANSWER.length) return;
      const nowMs = performance.now();
      answered += 1;
      if (nowMs >= openFrom && nowMs < openTo) latenciesMs.push(nowMs - askedMs);
      if (nowMs < openTo) send();
    });
    socket.once("connect", send);
  };
  const fail = (error: Error): void => {
    if (!over) throw error;
  };

  for (let index = 0; index < order.connections; index++) {
    ask();
    if (order.staggerMs > 0) await sleep(order.staggerMs);
  }
  await sleep(Math.max(0, openTo - performance.now()));
  over = true;
  for (const socket of sockets) socket.destroy();
  return { latenciesMs, answered };
};

process.on("message", (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
