import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Authority, authority, type Certificate } from "../support/certificates.ts";
import { exchange, get, ok, placed, type TestSidecar, until } from "../support/peers.ts";
import { spawnedSidecar } from "../support/spawned-sidecar.ts";
import { onRequests, type SecureConnection, secureServer } from "../support/tls-server.ts";

let trusted: Authority;
let good: Certificate;
beforeAll(async () => {
  trusted = await authority();
  good = await trusted.issue("DNS:localhost,IP:127.0.0.1");
});
afterAll(() => trusted[Symbol.asyncDispose]());

/** An edge in front of an https URL, in a process that trusts the test's authority. */
const inFrontOf = (port: number, host = "localhost", path = ""): Promise<TestSidecar> =>
  spawnedSidecar([{ name: "llm", upstream: { type: "url", url: `https://${host}:${port}${path}` } }], {
    NODE_EXTRA_CA_CERTS: trusted.file,
  });
const whole = (text: string): boolean => text.endsWith(ok());
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

test("requests are spoken in TLS with the URL's name, path and Host, and the connection is kept", async () => {
  const connections: SecureConnection[] = [];
  const heads: string[] = [];
  await using server = await secureServer(good, (connection) => {
    connections.push(connection);
    onRequests(connection, (head) => {
      heads.push(head);
      connection.tls.write(ok());
    });
  });
  await using proxy = await inFrontOf(server.port, "localhost", "/base/");
  const answer = await exchange(proxy.port("llm"), [get("/v1/x?y=1"), get("/v1/z")], {
    until: (text) => text === ok() + ok(),
  });
  expect(answer.bytes.toString()).toBe(ok() + ok());
  expect(heads).toEqual([
    `GET /base/v1/x?y=1 HTTP/1.1\r\nhost: localhost:${server.port}\r\n\r\n`,
    `GET /base/v1/z HTTP/1.1\r\nhost: localhost:${server.port}\r\n\r\n`,
  ]);
  expect(connections.map(({ serverName, alpn }) => [serverName, alpn])).toEqual([["localhost", "http/1.1"]]);
  await until(async () => (await proxy.records()).length === 2);
  expect((await proxy.records()).map(({ path, status, end }) => [path, status, end])).toEqual([
    ["/v1/x", 200, "complete"],
    ["/v1/z", 200, "complete"],
  ]);
});

test("an IP address is checked against the certificate, but never sent as a server name", async () => {
  const names: (string | false)[] = [];
  await using server = await secureServer(good, (connection) => {
    names.push(connection.serverName);
    onRequests(connection, () => connection.tls.write(ok()));
  });
  await using proxy = await inFrontOf(server.port, "127.0.0.1");
  const answer = await exchange(proxy.port("llm"), get(), { until: whole });
  expect(answer.bytes.toString()).toBe(ok());
  expect(names).toEqual([false]);
});

test("a stream is passed on chunk by chunk: the next is sent only when the one before was heard", async () => {
  let server: SecureConnection | null = null;
  await using upstream = await secureServer(good, (connection) => {
    server = connection;
    onRequests(connection, () => connection.tls.write(HEAD + chunk("data: 1\n\n")));
  });
  await using proxy = await inFrontOf(upstream.port);
  const client = connect(proxy.port("llm"), "127.0.0.1");
  client.write(get());
  let text = "";
  client.on("data", (bytes: Buffer) => {
    text += bytes.toString();
  });
  for (const number of [2, 3, 4]) {
    await until(() => text.endsWith(chunk(`data: ${number - 1}\n\n`)));
    (server as SecureConnection | null)?.tls.write(chunk(`data: ${number}\n\n`));
  }
  (server as SecureConnection | null)?.tls.write("0\r\n\r\n");
  await until(() => text.endsWith("0\r\n\r\n"));
  client.destroy();
  expect(text).toBe(`${HEAD}${[1, 2, 3, 4].map((number) => chunk(`data: ${number}\n\n`)).join("")}0\r\n\r\n`);
});

test.each([
  ["RST", "reset", "upstream-reset", ({ tcp }: SecureConnection) => tcp.resetAndDestroy()],
  ["a closed TLS connection", "fin", "upstream-closed", ({ tls }: SecureConnection) => tls.end()],
  // Without close_notify: what a crashed server's kernel sends.
  ["a bare FIN", "fin", "upstream-closed", ({ tcp }: SecureConnection) => tcp.end()],
] as const)("%s in mid-body comes as %s, behind the bytes before it", async (_, seen, recorded, end) => {
  let server: SecureConnection | null = null;
  await using upstream = await secureServer(good, (connection) => {
    server = connection;
    onRequests(connection, () => connection.tls.write(HEAD + chunk("half")));
  });
  await using proxy = await inFrontOf(upstream.port);
  const pending = exchange(proxy.port("llm"), get(), {
    until: (text) => {
      if (text.endsWith("half\r\n") && server !== null) {
        end(server);
        server = null;
      }
      return false;
    },
  });
  const answer = await pending;
  expect([answer.end, answer.bytes.toString()]).toEqual([seen, HEAD + chunk("half")]);
  await until(async () => (await proxy.records()).length === 1);
  expect((await proxy.records())[0]).toMatchObject({ status: 200, end: recorded });
});

test("a client's RST reaches the server as RST, and the sidecar lives on", async () => {
  const failures: Promise<unknown>[] = [];
  await using upstream = await secureServer(good, (connection) => {
    failures.push(
      once(connection.tcp, "close"),
      new Promise((resolve) => connection.tls.once("error", resolve)),
    );
    onRequests(connection, (head) => connection.tls.write(head.startsWith("GET /ok") ? ok() : HEAD));
  });
  await using proxy = await inFrontOf(upstream.port);
  const client = connect(proxy.port("llm"), "127.0.0.1");
  client.write(get());
  await once(client, "data");
  client.resetAndDestroy();
  const [, error] = await Promise.all(failures);
  expect((error as NodeJS.ErrnoException).code).toBe("ECONNRESET");
  await until(async () => (await proxy.records())[0]?.end === "client-abort");
  const answer = await exchange(proxy.port("llm"), get("/ok"), { until: whole });
  expect(answer.bytes.toString()).toBe(ok());
});

test("a fault that resets cuts both sides of an https upstream as well", async () => {
  let failed: Promise<unknown> = Promise.resolve();
  await using upstream = await secureServer(good, (connection) => {
    failed = new Promise((resolve) => connection.tls.once("error", resolve));
    onRequests(connection, () => connection.tls.write(ok()));
  });
  await using proxy = await inFrontOf(upstream.port);
  await proxy.setFaults([placed({ kind: "reset", afterBytes: 10 })]);
  const cut = await exchange(proxy.port("llm"), get());
  expect([cut.end, cut.bytes.toString()]).toEqual(["reset", ok().slice(0, 10)]);
  expect(((await failed) as NodeJS.ErrnoException).code).toBe("ECONNRESET");
});

test("a certificate that is not trusted, or for another name, is a 502 that says so", async () => {
  await using stranger = await authority();
  const reached: SecureConnection[] = [];
  await using untrusted = await secureServer(await stranger.issue("DNS:localhost"), (c) => reached.push(c));
  await using misnamed = await secureServer(await trusted.issue("DNS:other.example"), (c) => reached.push(c));
  await using plain = await inFrontOf(untrusted.port);
  await using other = await inFrontOf(misnamed.port);
  for (const [proxy, port, reason] of [
    [plain, untrusted.port, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    [other, misnamed.port, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ] as const) {
    const answer = await exchange(proxy.port("llm"), get("/secret"));
    const text = answer.bytes.toString();
    expect([answer.end, text.split("\r\n", 1)[0]]).toEqual(["fin", "HTTP/1.1 502 Bad Gateway"]);
    expect(text).toContain(`can not speak TLS with localhost:${port}`);
    expect(text).toContain(reason);
    expect(text).toContain("NODE_EXTRA_CA_CERTS");
    expect((await proxy.records()).map(({ status, end, faults }) => [status, end, faults])).toEqual([
      [502, "upstream-refused", []],
    ]);
  }
});

test("a server that speaks no TLS, or no HTTP/1.1, is a 502 that says so; one that is gone is a reset", async () => {
  await using silent = await secureServer(good, () => {}, ["h2"]);
  const gone = await secureServer(good, () => {});
  await using h2 = await inFrontOf(silent.port);
  await using http = await inFrontOf(h2.port("llm"));
  await using refused = await inFrontOf(gone.port);
  await gone[Symbol.asyncDispose]();
  const words = async (proxy: TestSidecar): Promise<string> =>
    (await exchange(proxy.port("llm"), get())).bytes.toString();
  expect(await words(h2)).toContain("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");
  expect(await words(http)).toContain("ERR_SSL_");
  expect(await exchange(refused.port("llm"), get())).toMatchObject({ end: "reset", bytes: Buffer.alloc(0) });
});

test("a tcp edge in front of an https URL has no words for it: the connection is reset", async () => {
  await using stranger = await authority();
  await using untrusted = await secureServer(await stranger.issue("DNS:localhost"), () => {});
  const url = `https://localhost:${untrusted.port}`;
  await using proxy = await spawnedSidecar(
    [{ name: "db", protocol: "tcp", upstream: { type: "url", url } }],
    {},
  );
  expect((await exchange(proxy.port("db"), "x")).end).toBe("reset");
  await until(async () => (await proxy.records()).length === 1);
  expect((await proxy.records())[0]).toMatchObject({ status: 0, end: "upstream-refused" });
});
