import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { HttpSidecarControl } from "../../src/adapters/runtimes/sidecar-control.ts";
import { edgeTo, httpServer, listen, ok, sidecar, TOKEN } from "./support/peers.ts";

const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return address !== null && typeof address === "object" ? address.port : 0;
};

const control = (running: Awaited<ReturnType<typeof sidecar>>) =>
  new HttpSidecarControl(`http://127.0.0.1:${running.sidecar.ready.controlPort}`, TOKEN);

test("a connection is enough where no path is asked for", async () => {
  await using silent = await listen(() => {});
  await using proxy = await sidecar([edgeTo(1)]);
  expect(await control(proxy).probe("127.0.0.1", silent.port)).toEqual({ ok: true });
  const refused = await control(proxy).probe("127.0.0.1", await closedPort());
  expect(refused).toEqual({ ok: false, reason: "ECONNREFUSED" });
});

test("a path must answer 2xx; a redirect is not followed, and the connection is not kept", async () => {
  const heads: string[] = [];
  await using upstream = await httpServer((head) => {
    heads.push(head);
    if (head.startsWith("GET /ready?deep=1 ")) return ok();
    if (head.startsWith("GET /moved "))
      return "HTTP/1.1 302 Found\r\nlocation: /ready?deep=1\r\ncontent-length: 0\r\n\r\n";
    return "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
  });
  await using proxy = await sidecar([edgeTo(1)]);
  const ask = (path: string) => control(proxy).probe("127.0.0.1", upstream.port, path);
  expect(await ask("/ready?deep=1")).toEqual({ ok: true });
  expect(await ask("/moved")).toEqual({ ok: false, reason: "GET /moved answered 302" });
  expect(await ask("/ready")).toEqual({ ok: false, reason: "GET /ready answered 503" });
  expect(heads.map((head) => head.split(" ")[1])).toEqual(["/ready?deep=1", "/moved", "/ready"]);
  for (const head of heads) expect(head.toLowerCase()).toContain("\r\nconnection: close\r\n");
});

test("who never answers is given up after 2 s, who hangs up at once", async () => {
  let ended = 0;
  await using silent = await listen((socket) => {
    socket.resume().once("close", () => ended++);
    socket.once("end", () => socket.end());
  });
  await using rude = await listen((socket) => socket.destroy());
  await using proxy = await sidecar([edgeTo(1)]);
  const startMs = performance.now();
  const late = await control(proxy).probe("127.0.0.1", silent.port, "/ready");
  expect(late).toEqual({ ok: false, reason: "no answer within 2 s" });
  expect(performance.now() - startMs).toBeGreaterThan(1990);
  await expect.poll(() => ended).toBe(1);
  expect((await control(proxy).probe("127.0.0.1", rude.port, "/ready")).reason).toBe("ECONNRESET");
});

test("a name that leads nowhere is told as such", async () => {
  await using proxy = await sidecar([edgeTo(1)]);
  const answer = await control(proxy).probe("no-such-host.invalid", 80, "/");
  expect(answer.ok).toBe(false);
  expect(answer.reason).toMatch(/^(ENOTFOUND|EAI_AGAIN|no answer within 2 s)$/);
});

test.each([
  ["port=80", "host: must be a name or an address"],
  ["host=a&port=0", "port: must be a whole number from 1 to 65535"],
  ["host=a&port=99999", "port: must be a whole number from 1 to 65535"],
  ["host=a", "port: must be a whole number from 1 to 65535"],
  ["host=a&port=80&path=ready", 'path: must begin with "/" and be percent-encoded'],
  ["host=a&port=80&path=%2Fa%20b%0D%0Ax:y", 'path: must begin with "/" and be percent-encoded'],
])("a question that does not fit (%s) gets 400", async (query, error) => {
  await using proxy = await sidecar([edgeTo(1)]);
  const answer = await proxy.call("GET", `/probe?${query}`);
  expect([answer.status, await answer.json()]).toEqual([400, { error }]);
});
