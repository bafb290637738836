import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { exchange, get, placed, until } from "../support/peers.ts";
import { deck, dependency, shelf } from "./decks.ts";

const SECRET = "sk-secret-0123456789";

test("records what passes, with its timing, and replays it without the dependency", async () => {
  await using tapes = await shelf();
  const seen: string[] = [];
  {
    await using real = await dependency((request, response, body) => {
      seen.push(`${request.method} ${request.url} ${request.headers["accept-encoding"]} ${body}`);
      response.writeHead(201, { "X-Thing": "a", "Content-Type": "text/event-stream" });
      response.write("data: 1\n\n");
      setTimeout(() => response.end("data: 2\n\n"), 120);
    });
    await using recorder = await deck(tapes.file, real.url);
    const answer = await recorder.ask("/v1/x?b=1", { q: "boats" });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe("data: 1\n\ndata: 2\n\n");
  }
  expect(seen).toEqual(['POST /base/v1/x?b=1 identity {"q":"boats"}']);
  await using player = await deck(tapes.file);
  for (let repeat = 0; repeat < 2; repeat++) {
    const started = performance.now();
    const replayed = await player.ask("/v1/x?b=1", { q: "boats" });
    expect(replayed.status).toBe(201);
    expect(replayed.headers.get("x-thing")).toBe("a");
    expect(await replayed.text()).toBe("data: 1\n\ndata: 2\n\n");
    expect(performance.now() - started).toBeGreaterThanOrEqual(115);
  }
});

test("request bodies are not on the tape, nor any secret of header, query or answer", async () => {
  await using tapes = await shelf();
  {
    await using real = await dependency((request, response, body) => {
      response.setHeader("set-cookie", `session=${SECRET}`);
      response.setHeader("x-api-key", SECRET);
      response.setHeader("location", `/next?token=${SECRET}`);
      response.end(body === "echo" ? `you sent ${request.headers.authorization}` : "fine");
    });
    await using recorder = await deck(tapes.file, real.url);
    const headers = { authorization: `Bearer ${SECRET}`, cookie: `c=${SECRET}`, "x-tenant": "acme" };
    expect(await (await recorder.ask(`/a?api_key=${SECRET}&page=2`, "private words", headers)).text()).toBe(
      "fine",
    );
    // The caller still gets all of it.
    expect(await (await recorder.ask("/a", "echo", headers)).text()).toContain(SECRET);
  }
  const text = await readFile(tapes.file, "utf8");
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain("private words");
  expect(text).not.toContain("acme");
  const [, first, second] = await tapes.lines();
  expect(first).toMatchObject({ path: "/a?api_key=REDACTED&page=2", end: "complete" });
  expect(second).toMatchObject({ skipped: expect.stringContaining("secret") });
  await using player = await deck(tapes.file);
  // Another key, or none that is the same: the same request.
  expect(await (await player.ask("/a?api_key=dummy&page=2", "private words")).text()).toBe("fine");
  const refused = await player.ask("/a", "echo");
  expect(refused.status).toBe(501);
  expect(await refused.text()).toContain("repeats a secret");
});

test("several answers to one request are replayed in order, the last one for ever", async () => {
  await using tapes = await shelf();
  {
    let count = 0;
    await using real = await dependency((_request, response) => response.end(`answer ${++count}`));
    await using recorder = await deck(tapes.file, real.url);
    for (let call = 0; call < 2; call++) await (await recorder.ask("/a", { q: 1 })).text();
  }
  await using player = await deck(tapes.file);
  const heard: string[] = [];
  for (let call = 0; call < 3; call++) heard.push(await (await player.ask("/a", { q: 1 })).text());
  expect(heard).toEqual(["answer 1", "answer 2", "answer 2"]);
});

test("nonces and key order do not matter; another body is another request, answered 501 with a remedy", async () => {
  await using tapes = await shelf();
  {
    await using real = await dependency((_request, response) => response.end("known"));
    await using recorder = await deck(tapes.file, real.url);
    await (await recorder.ask("/a", { q: "boats nonce-0123456789abcdef", k: 1 })).text();
  }
  await using player = await deck(tapes.file);
  expect(await (await player.ask("/a", { k: 1, q: "boats nonce-aaaaaaaaaaaaaaaa" })).text()).toBe("known");
  const missed = await player.ask("/a?sig=private", { q: "trains" });
  expect(missed.status).toBe(501);
  const { error } = (await missed.json()) as { error: { type: string; message: string } };
  expect(error.type).toBe("cassette_miss");
  expect(error.message).toContain("POST /a?sig=REDACTED");
  expect(error.message).toContain("tape.jsonl");
  expect(error.message).toContain("record it again");
});

test.each([
  ["reset", "reset"],
  ["closed", "destroySoon"],
] as const)("an answer that ends by %s in mid-message ends so in replay", async (end, how) => {
  await using tapes = await shelf();
  {
    await using real = await dependency((_request, response) => {
      response.write("half");
      setTimeout(() => {
        if (how === "reset") response.socket?.resetAndDestroy();
        else response.socket?.destroySoon();
      }, 50);
    });
    await using recorder = await deck(tapes.file, real.url);
    await expect((await recorder.ask("/a")).text()).rejects.toThrow("terminated");
    await until(async () => (await readFile(`${tapes.file}.part`, "utf8")).includes("half"));
  }
  expect((await tapes.lines())[1]).toMatchObject({ end });
  await using player = await deck(tapes.file);
  const heard = await exchange(player.port, get("/a"));
  expect(heard.end).toBe(end === "reset" ? "reset" : "fin");
  expect(heard.bytes.toString()).toContain("half");
  expect(heard.bytes.toString()).not.toContain("0\r\n\r\n");
});

test("bytes that are no text come back the same", async () => {
  await using tapes = await shelf();
  const bytes = Buffer.from([0, 255, 195, 40, 10]);
  {
    await using real = await dependency((_request, response) => response.end(bytes));
    await using recorder = await deck(tapes.file, real.url);
    await (await recorder.ask("/a")).arrayBuffer();
  }
  await using player = await deck(tapes.file);
  expect(Buffer.from(await (await player.ask("/a")).arrayBuffer()).equals(bytes)).toBe(true);
});

test("an older cassette stays until the new one is whole, and nothing is left beside it", async () => {
  await using tapes = await shelf();
  await writeFile(tapes.file, "old");
  await using real = await dependency((_request, response) => response.end("new"));
  {
    await using recorder = await deck(tapes.file, real.url);
    await (await recorder.ask("/a")).text();
    expect(await readFile(tapes.file, "utf8")).toBe("old");
  }
  expect(await tapes.lines()).toHaveLength(2);
  expect(await readdir(dirname(tapes.file))).toEqual(["tape.jsonl"]);
});

test("a dependency that can not be reached breaks the caller's connection and leaves no recording", async () => {
  await using tapes = await shelf();
  {
    await using recorder = await deck(tapes.file, "http://127.0.0.1:1");
    await expect(recorder.ask("/a")).rejects.toThrow("fetch failed");
  }
  expect(await tapes.lines()).toHaveLength(1);
});

test("stream faults strike replayed streams", async () => {
  await using tapes = await shelf();
  {
    await using real = await dependency((_request, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.end("data: 1\n\ndata: 2\n\n");
    });
    await using recorder = await deck(tapes.file, real.url);
    await (await recorder.ask("/a")).text();
  }
  await using player = await deck(tapes.file);
  await player.setFaults([placed({ kind: "stream-truncate", afterEvents: 1, clean: true })]);
  expect(await (await player.ask("/a")).text()).toBe("data: 1\n\n");
});
