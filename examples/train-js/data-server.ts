/**
 * The training data, served in shards: points of three interleaved spirals, made from the shard's number alone.
 *
 *   GET /shards/N   one shard (shard.ts)
 *   GET /healthz    200
 */
import { createServer } from "node:http";
import { Random } from "./random.ts";
import { CLASSES, encodeShard, RECORDS, SHARDS } from "./shard.ts";

/** An object store's time to the first byte. */
const FIRST_BYTE_MS = 10;
const NOISE = 0.06;
const SEED = 7000;

const makeShard = (number: number): Buffer => {
  const random = new Random(SEED + number);
  const records = new Float32Array(RECORDS * 3);
  for (let record = 0; record < RECORDS; record++) {
    const label = record % CLASSES;
    const radius = 0.1 + 0.9 * random.uniform();
    const angle = (label * 2 * Math.PI) / CLASSES + 3.5 * radius;
    records[record * 3] = radius * Math.cos(angle) + NOISE * random.normal();
    records[record * 3 + 1] = radius * Math.sin(angle) + NOISE * random.normal();
    records[record * 3 + 2] = label;
  }
  return encodeShard(records);
};

const shards = Array.from({ length: SHARDS }, (_, number) => makeShard(number));

const server = createServer((request, response) => {
  if (request.url === "/healthz") return void response.end("ok\n");
  const number = /^\/shards\/(\d{1,6})$/.exec(request.url ?? "")?.[1];
  const shard = shards[Number(number ?? -1)];
  if (shard === undefined) return void response.writeHead(404).end("no such shard\n");
  setTimeout(() => {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": shard.length });
    response.end(shard);
  }, FIRST_BYTE_MS);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env["PORT"] ?? 8001), process.env["HOST"] ?? "127.0.0.1");
