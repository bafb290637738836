/** Two readers of one sidecar's records do not take them from each other. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { HttpSidecarControl } from "../../../src/adapters/runtimes/sidecar-control.ts";

let sequence = 0;
const server = createServer((request, response) => {
  const after = Number(new URL(request.url ?? "/", "http://sidecar").searchParams.get("after"));
  const lines = Array.from({ length: sequence }, (_, place) => place + 1).filter((each) => each > after);
  response.end(lines.map((each) => `${JSON.stringify({ sequence: each })}\n`).join(""));
});
let port = 0;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  sequence = 0;
});

const sequences = async (read: () => Promise<readonly { readonly sequence: number }[]>): Promise<number[]> =>
  (await read()).map((record) => record.sequence);

test("a follower begins where records were last taken, and takes none of them away", async () => {
  const control = new HttpSidecarControl(port, "token");
  const take = async () => sequences(async () => control.takeRecords());
  sequence = 2;
  expect(await take()).toEqual([1, 2]);
  const follow = control.followRecords();
  sequence = 4;
  expect(await sequences(follow)).toEqual([3, 4]);
  expect(await sequences(follow)).toEqual([]);
  sequence = 5;
  expect(await take()).toEqual([3, 4, 5]);
  expect(await sequences(follow)).toEqual([5]);
  expect(await take()).toEqual([]);
  await control.stop();
});
