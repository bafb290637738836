import { expect, test } from "vitest";
import { type Authority, authority } from "../support/certificates.ts";
import { exchange, get, type TestSidecar } from "../support/peers.ts";
import { spawnedSidecar } from "../support/spawned-sidecar.ts";
import { onRequests, type SecureConnection, secureServer } from "../support/tls-server.ts";
import { deck, shelf } from "./decks.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const PAUSE_MS = 120;

/** A recorder in front of an https URL, in a process that trusts the authority. */
const recorder = (file: string, port: number, { file: ca }: Pick<Authority, "file">): Promise<TestSidecar> =>
  spawnedSidecar(
    [
      {
        name: "llm",
        upstream: { type: "cassette", file, mode: "record", url: `https://localhost:${port}/base` },
      },
    ],
    { NODE_EXTRA_CA_CERTS: ca },
  );

const ends: Record<string, (connection: SecureConnection) => void> = {
  "/whole": ({ tls }) => tls.write("0\r\n\r\n"),
  "/reset": ({ tcp }) => tcp.resetAndDestroy(),
  "/closed": ({ tls }) => tls.end(),
};

test("what was recorded over https is replayed without it, with its timing and its ends", async () => {
  await using trusted = await authority();
  await using tapes = await shelf();
  const heads: string[] = [];
  {
    await using server = await secureServer(await trusted.issue("DNS:localhost"), (connection) =>
      onRequests(connection, (head) => {
        heads.push(head);
        const path = /^GET \/base(\S+)/.exec(head)?.[1] ?? "";
        connection.tls.write(HEAD + chunk("data: 1\n\n"));
        setTimeout(
          () =>
            connection.tls.write(chunk("data: 2\n\n"), () => setTimeout(() => ends[path]?.(connection), 20)),
          PAUSE_MS,
        );
      }),
    );
    await using recording = await recorder(tapes.file, server.port, trusted);
    const ask = (path: string) =>
      exchange(recording.port("llm"), get(path, "connection: close\r\n"), {
        until: (text) => text.endsWith("0\r\n\r\n"),
      });
    expect((await ask("/whole")).bytes.toString()).toContain("data: 2");
    expect((await ask("/reset")).end).toBe("reset");
    expect((await ask("/closed")).end).toBe("fin");
    expect(heads[0]).toContain(`host: localhost:${server.port}\r\n`);
  }
  expect((await tapes.lines()).map(({ path, status, end }) => [path, status, end]).slice(1)).toEqual([
    ["/whole", 200, "complete"],
    ["/reset", 200, "reset"],
    ["/closed", 200, "closed"],
  ]);
  await using player = await deck(tapes.file);
  const started = performance.now();
  expect(await (await player.ask("/whole")).text()).toBe("data: 1\n\ndata: 2\n\n");
  expect(performance.now() - started).toBeGreaterThanOrEqual(PAUSE_MS - 5);
  for (const [path, end] of [
    ["/reset", "reset"],
    ["/closed", "fin"],
  ] as const) {
    const heard = await exchange(player.port, get(path));
    expect([heard.end, heard.bytes.toString().includes("data: 2")]).toEqual([end, true]);
    expect(heard.bytes.toString()).not.toContain("0\r\n\r\n");
  }
});

test("a certificate that is not trusted is a 502 that says so, and leaves no recording", async () => {
  await using trusted = await authority();
  await using stranger = await authority();
  await using tapes = await shelf();
  {
    await using server = await secureServer(await stranger.issue("DNS:localhost"), () => {});
    await using recording = await recorder(tapes.file, server.port, trusted);
    const answer = await exchange(recording.port("llm"), get("/a"));
    expect(answer.bytes.toString()).toMatch(/^HTTP\/1\.1 502 [\s\S]*UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
  }
  expect(await tapes.lines()).toHaveLength(1);
});
