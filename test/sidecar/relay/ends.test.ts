import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { edgeTo, exchange, get, httpServer, listen, ok, placed, sidecar, until } from "../support/peers.ts";

const HEAD = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n";

test.each(["http", "tcp"] as const)(
  "%s: a client's RST reaches the upstream at once as RST",
  async (protocol) => {
    let accepted: Socket | null = null;
    await using upstream = await listen((socket) => {
      accepted = socket;
      socket.once("data", () => socket.write(HEAD));
    });
    await using proxy = await sidecar([edgeTo(upstream.port, "llm", protocol)]);
    const client = connect(proxy.port("llm"), "127.0.0.1");
    client.write(get());
    await once(client, "data");
    const [error] = await Promise.all([
      once(accepted as unknown as Socket, "error"),
      Promise.resolve(client.resetAndDestroy()),
    ]);
    expect((error[0] as NodeJS.ErrnoException).code).toBe("ECONNRESET");
    await until(async () => (await proxy.records())[0]?.end === "client-abort");
    expect(await (await proxy.call("GET", "/active")).json()).toEqual({
      open: { llm: 0 },
      begun: { llm: 1 },
      accepted: { llm: 1 },
    });
  },
);

test.each(["http", "tcp"] as const)(
  "%s: a client that closes is passed on while the answer is still coming",
  async (protocol) => {
    let ended = false;
    await using upstream = await listen((socket) => {
      socket.once("data", () => socket.write(HEAD));
      socket.on("end", () => {
        ended = true;
      });
    });
    await using proxy = await sidecar([edgeTo(upstream.port, "llm", protocol)]);
    const client = connect(proxy.port("llm"), "127.0.0.1");
    client.write(get());
    await once(client, "data");
    client.destroy();
    await until(() => ended);
    expect(ended).toBe(true);
  },
);

test("an upstream's RST in mid-answer reaches the client as RST, its FIN as FIN", async () => {
  await using upstream = await listen((socket) => {
    socket.once("data", (chunk: Buffer) => {
      const reset = chunk.toString().startsWith("GET /reset");
      socket.write(HEAD, () => setTimeout(() => (reset ? socket.resetAndDestroy() : socket.end()), 20));
    });
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const reset = await exchange(proxy.port("llm"), get("/reset"));
  expect([reset.end, reset.bytes.toString()]).toEqual(["reset", HEAD]);
  const fin = await exchange(proxy.port("llm"), get("/fin"));
  expect([fin.end, fin.bytes.toString()]).toEqual(["fin", HEAD]);
  await until(async () => (await proxy.records()).length === 2);
  expect((await proxy.records()).map((record) => record.end)).toEqual(["upstream-reset", "upstream-closed"]);
});

test("several addresses are taken in turn, and a refused one is passed over", async () => {
  await using one = await httpServer(() => ok("one"));
  await using two = await httpServer(() => ok("two"));
  const gone = await listen(() => {});
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  const addresses = [one.port, port, two.port].map((each) => ({ host: "127.0.0.1", port: each }));
  await using proxy = await sidecar([{ name: "client", upstream: { type: "addresses", addresses } }]);
  const bodies: string[] = [];
  for (let call = 0; call < 6; call++) {
    const answer = await exchange(proxy.port("client"), get(), { until: (text) => /(one|two)$/.test(text) });
    bodies.push(answer.bytes.toString().slice(-3));
  }
  expect(bodies).toEqual(["one", "two", "two", "one", "two", "two"]);
});

test.each(["http", "tcp"] as const)(
  "%s: with no upstream the connection is reset and recorded",
  async (protocol) => {
    const gone = await listen(() => {});
    const { port } = gone;
    await gone[Symbol.asyncDispose]();
    await using proxy = await sidecar([edgeTo(port, "llm", protocol)]);
    expect((await exchange(proxy.port("llm"), get())).end).toBe("reset");
    expect((await proxy.records())[0]?.end).toBe("upstream-refused");
  },
);

test.each(["http", "tcp"] as const)("%s: a slow reader holds the sender back", async (protocol) => {
  const limit = 40 * 1024 * 1024;
  let sent = 0;
  let stalledAt = 0;
  await using upstream = await listen((socket) => {
    const piece = Buffer.alloc(256 * 1024);
    const pump = (): void => {
      while (sent < limit) {
        sent += piece.length;
        if (socket.write(piece)) continue;
        stalledAt = sent;
        socket.once("drain", pump);
        return;
      }
    };
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${limit}\r\n\r\n`);
      pump();
    });
  });
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", protocol)]);
  const client = connect(proxy.port("llm"), "127.0.0.1");
  client.pause();
  client.write(get());
  // The sender has come to a stand when it has sent nothing for a while (kernel buffers take some MB at first).
  let last = -1;
  await until(async () => {
    const still = stalledAt > 0 && sent === last;
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return still && sent === last;
  });
  expect(sent).toBeLessThan(limit / 2);
  let received = 0;
  client.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  client.resume();
  await until(() => received >= limit);
  client.destroy();
});

test("a URL upstream gets its own Host and base path; everything else of the head stays", async () => {
  let seen = "";
  await using upstream = await httpServer((request) => {
    seen = request;
    return ok();
  });
  const url = `http://localhost:${upstream.port}/base/`;
  await using proxy = await sidecar([{ name: "llm", upstream: { type: "url", url } }]);
  const request = "POST /v1/x?y=1 HTTP/1.1\r\nX-A:  1\r\nhOST: sidecar\r\nContent-Length: 2\r\n\r\nhi";
  await exchange(proxy.port("llm"), request, { until: (text) => text.endsWith("hello") });
  expect(seen).toBe(
    `POST /base/v1/x?y=1 HTTP/1.1\r\nX-A: 1\r\nhOST: localhost:${upstream.port}\r\nContent-Length: 2\r\n\r\nhi`,
  );
});

test("what latency holds of an answer that stops in mid-message comes before the end", async () => {
  await using upstream = await listen((socket) => {
    socket.once("data", () => socket.end(HEAD));
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const delay = { delayMs: 50, jitterMs: 0, distribution: "constant" } as const;
  await proxy.setFaults([placed({ kind: "latency", direction: "downstream", ...delay })]);
  const answer = await exchange(proxy.port("llm"), get());
  expect([answer.bytes.toString(), answer.end]).toEqual([HEAD, "fin"]);
  expect(answer.firstMs).toBeGreaterThanOrEqual(49);
  expect((await proxy.records()).map((record) => record.end)).toEqual(["upstream-closed"]);
});

test("a request body that a slow upstream does not read holds the client back", async () => {
  let accepted: Socket | null = null;
  await using upstream = await listen((socket) => {
    accepted = socket;
    socket.pause();
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const client = connect(proxy.port("llm"), "127.0.0.1");
  client.on("error", () => {});
  const size = 40 * 1024 * 1024;
  client.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${size}\r\n\r\n`);
  const piece = Buffer.alloc(256 * 1024);
  let sent = 0;
  const pump = (): void => {
    while (sent < size) {
      sent += piece.length;
      if (client.write(piece)) continue;
      client.once("drain", pump);
      return;
    }
  };
  pump();
  let last = -1;
  await until(async () => {
    const before = last;
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 150));
    return accepted !== null && before === sent && last === sent;
  });
  expect(sent).toBeLessThan(size / 2);
  client.destroy();
});

test("a request that is answered before it has passed still passes whole, and the next one behind it", async () => {
  const body = "x".repeat(3_000);
  let got = "";
  await using upstream = await listen((socket) => {
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      if (got === "") socket.write(ok("early"));
      got += chunk.toString();
      if (got.endsWith(get("/next"))) socket.write(ok("next"));
    });
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const slow = { kind: "bandwidth", direction: "upstream", bytesPerSecond: 3_000 } as const;
  await proxy.setFaults([placed(slow, { type: "pattern", pattern: [true, false] })]);
  const post = `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const answer = await exchange(proxy.port("llm"), [post, get("/next")], {
    until: (text) => text.endsWith("next"),
  });
  expect(answer.bytes.toString()).toBe(ok("early") + ok("next"));
  expect(got).toBe(post + get("/next"));
});

test("a slowed request that the upstream gives up on ends as the upstream ends it, and is not sent twice", async () => {
  let connections = 0;
  await using upstream = await listen((socket) => {
    connections++;
    socket.once("data", () => socket.end());
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "bandwidth", direction: "upstream", bytesPerSecond: 3_000 })]);
  const answer = await exchange(
    proxy.port("llm"),
    `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3000\r\n\r\n${"x".repeat(3_000)}`,
  );
  expect([answer.end, answer.bytes.length, connections]).toEqual(["fin", 0, 1]);
  await until(async () => (await proxy.records())[0]?.end === "upstream-closed");
});
