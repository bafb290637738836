import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { fingerprint, searchableText } from "../../src/sidecar/fingerprint.ts";
import {
  edgeTo,
  exchange,
  get,
  httpServer,
  listen,
  ok,
  placed,
  sidecar,
  type TestSidecar,
  until,
} from "./support/peers.ts";

const post = (body: string, extra = "", path = "/v1/chat"): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${extra}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const whole = (text: string): boolean => text.endsWith(ok()) || text.includes("503");
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** A client edge whose requests stay open, and a dependency edge. */
const stand = async (): Promise<
  AsyncDisposable & {
    proxy: TestSidecar;
    open(key: string, extra?: string): Promise<Socket>;
    call(request: string): Promise<string>;
  }
> => {
  const service = await listen((socket) => {
    socket.on("data", () => {});
    socket.on("end", () => socket.end());
  });
  const model = await httpServer(() => ok());
  const proxy = await sidecar([edgeTo(service.port, "client"), edgeTo(model.port)]);
  return {
    proxy,
    open: async (key, extra = "") => {
      const socket = connect(proxy.port("client"), "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      const before = ((await (await proxy.call("GET", "/active")).json()) as { open: Record<string, number> })
        .open["client"];
      socket.write(get("/ask", `x-squall-request: ${key}\r\n${extra}`));
      await until(async () => {
        const { open } = (await (await proxy.call("GET", "/active")).json()) as {
          open: Record<string, number>;
        };
        return open["client"] === (before ?? 0) + 1;
      });
      return socket;
    },
    call: async (request) => {
      const { length } = (await proxy.records()).filter((record) => record.edge === "llm");
      await exchange(proxy.port("llm"), request, { until: whole });
      await until(
        async () => (await proxy.records()).filter((record) => record.edge === "llm").length > length,
      );
      const record = (await proxy.records()).filter((one) => one.edge === "llm").at(-1);
      return `${record?.requestKey} ${record?.attributedBy} ${record?.attempt}`;
    },
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
};

test("by the header, and attempts count by method and path", async () => {
  await using at = await stand();
  expect(await at.call(get("/a?x=1", "x-squall-request: q~3\r\n"))).toBe("q~3 header 1");
  expect(await at.call(get("/a?x=2", "x-squall-request: q~3\r\n"))).toBe("q~3 header 2");
  expect(await at.call(get("/b", "x-squall-request: q~3\r\n"))).toBe("q~3 header 1");
  await at.open("q~3");
  expect(await at.call(get("/a", "x-squall-request: q~3\r\n"))).toBe("q~3 header 1");
});

test("by baggage, and by a trace id seen on the client edge", async () => {
  await using at = await stand();
  await at.open("q~1", `traceparent: 00-${TRACE}-00f067aa0ba902b7-01\r\n`);
  expect(await at.call(get("/", `traceparent: 00-${TRACE}-aaaaaaaaaaaaaaaa-01\r\n`))).toBe("q~1 trace 1");
  expect(await at.call(get("/", "baggage: a=b, squall=q%20x~2;p=1\r\n"))).toBe("q x~2 trace 1");
  expect(
    await at.call(get("/", "traceparent: 00-00000000000000000000000000000001-aaaaaaaaaaaaaaaa-01\r\n")),
  ).toBe("null none 1");
});

test("by the fingerprint learned in a sequential pass", async () => {
  await using at = await stand();
  await at.proxy.attribute({ learn: true, texts: [] });
  for (const id of ["a", "b"]) {
    const socket = await at.open(`${id}~0`);
    expect(await at.call(post(`{"q":"${id}","user":"1"}`))).toBe(`${id}~0 fingerprint 1`);
    expect(await at.call(post(`{"same":true}`, "", "/shared"))).toBe(`${id}~0 fingerprint 1`);
    socket.destroy();
    await until(
      async () =>
        ((await (await at.proxy.call("GET", "/active")).json()) as { open: { client: number } }).open
          .client === 0,
    );
  }
  await at.proxy.attribute({ learn: false, texts: [] });
  await at.open("a~7");
  await at.open("b~9");
  expect(await at.call(post(`{"user":"2", "q": "b"}`))).toBe("b~9 fingerprint 1");
  expect(await at.call(post(`{"q":"a","user":"3"}`))).toBe("a~7 fingerprint 1");
  // Both ask it: it is nobody's.
  expect(await at.call(post(`{"same":true}`, "", "/shared"))).toBe("null none 1");
  expect(await at.call(post(`{"q":"c"}`))).toBe("null none 1");
});

test("by the longest text of an open request", async () => {
  await using at = await stand();
  await at.proxy.attribute({
    learn: false,
    texts: [
      { requestId: "a", text: 'where is "my"\norder {{nonce}}' },
      { requestId: "b", text: 'where is "my" order of last week' },
      { requestId: "c", text: "short" },
    ],
  });
  await at.open("a~0");
  await at.open("b~0");
  await at.open("c~0");
  const asks = (text: string): string =>
    post(JSON.stringify({ messages: [{ content: `Answer: ${text} short` }] }));
  expect(await at.call(asks('where is "my"\norder nonce-0123456789abcdef?'))).toBe("a~0 text 1");
  expect(await at.call(asks('where is "my" order of last week'))).toBe("b~0 text 1");
  expect(await at.call(asks("something else"))).toBe("null none 1");
});

test("a fault strikes by fingerprint: the request is held until its body tells whose it is", async () => {
  await using at = await stand();
  await at.proxy.attribute({ learn: false, texts: [{ requestId: "a", text: "the text of a" }] });
  await at.open("a~0");
  await at.open("b~0");
  await at.proxy.setFaults([
    placed({ kind: "http-error", status: 503, headers: {} }, { type: "keys", keys: ["a~0"] }),
  ]);
  const body = JSON.stringify({ pad: "x".repeat(100_000), prompt: "the text of a" });
  const struck = await exchange(at.proxy.port("llm"), [post(body).slice(0, 500), post(body).slice(500)], {
    until: whole,
  });
  expect(struck.bytes.toString()).toContain("HTTP/1.1 503 ");
  const spared = await exchange(at.proxy.port("llm"), post('{"prompt":"of nobody"}'), { until: whole });
  expect(spared.bytes.toString()).toBe(ok());
  expect((await at.proxy.receipts()).receipts).toEqual([
    { faultId: "f1", edge: "llm", seen: 2, affected: 1 },
  ]);
});

test("fingerprints forget key order, nonces and volatile keys at the top, and nothing else", () => {
  const of = (body: string, path = "/p"): string => fingerprint("POST", path, Buffer.from(body));
  const base = of('{"a":1,"b":{"user":"x"},"metadata":{"k":1}}');
  expect(of('{ "b": {"user":"x"}, "a":1, "seed": 4, "metadata":{"request_id":"r","k":1} }')).toBe(base);
  expect(of('{"a":1,"b":{"user":"y"},"metadata":{"k":1}}')).not.toBe(base);
  expect(of('{"a":1,"b":{"user":"x"},"metadata":{"k":2}}')).not.toBe(base);
  expect(of('{"a":["1",2]}')).not.toBe(of('{"a":[2,"1"]}'));
  expect(of("text nonce-0123456789abcdef", "/p?n=nonce-0123456789abcdef")).toBe(
    of("text nonce-fedcba9876543210", "/p?n=nonce-0000000000000000"),
  );
  expect(of("text nonce-0123")).not.toBe(of("text nonce-4567"));
});

test("hostile bodies are survived: deep nesting, broken JSON, bad escapes in paths", () => {
  const deep = Buffer.from(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
  expect(fingerprint("POST", "/", deep)).toHaveLength(44);
  expect(searchableText("/%zz", deep)).toBe("/%zz");
  expect(searchableText("/a%20b", Buffer.from('{"broken'))).toBe('/a b {"broken');
});
