/**
 * A service that writes, takes memory and calls its dependencies, so that faults on its container can be seen by a client.
 *   GET /ready
 *   GET /ask/NAME       calls the address in the variable NAME; {"status", "body"}, or 504 with the error's code
 *   GET /write/BYTES    writes a file of that size into DATA to the disk itself; {"ms"}, or 507 with the error's code
 *   GET /take/BYTES     takes memory and keeps it; {"taken"}
 *   GET /list           what lies in DATA
 *   GET /read/PATH      a file of the container
 */
import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { createServer, get } from "node:http";

const { DATA = "/data", HOST = "0.0.0.0", PORT = "8000" } = process.env;
const BLOCK_BYTES = 256 * 1024;
const held = [];

/** On a connection of its own: a kept one would outlive a name that fails. */
const call = (url) =>
  new Promise((resolve, reject) => {
    get(`${url}/who`, { agent: false, signal: AbortSignal.timeout(2000) }, async (response) => {
      resolve({ status: response.statusCode, body: String(Buffer.concat(await response.toArray())) });
    }).on("error", reject);
  });

const write = (bytes) => {
  const startMs = performance.now();
  const file = openSync(`${DATA}/note`, "w");
  try {
    for (let left = bytes; left > 0; left -= BLOCK_BYTES) {
      writeSync(file, Buffer.alloc(Math.min(left, BLOCK_BYTES), 1));
      fdatasyncSync(file);
    }
  } finally {
    closeSync(file);
  }
  return { ms: performance.now() - startMs };
};

const take = (bytes) => {
  held.push(Buffer.alloc(bytes, 1));
  return { taken: bytes };
};

const ACTIONS = {
  ask: (name) => call(process.env[name]),
  write: (bytes) => write(Number(bytes)),
  take: (bytes) => take(Number(bytes)),
  list: () => readdirSync(DATA),
  read: (path) => readFileSync(`/${path}`, "utf8"),
};
const FAILED = { ask: 504, write: 507 };

createServer(async (request, response) => {
  const [, action = "", ...rest] = (request.url ?? "/").split("/");
  if (action === "ready") return response.end("ready");
  try {
    response.end(JSON.stringify(await ACTIONS[action](rest.join("/"))));
  } catch (error) {
    response.writeHead(FAILED[action] ?? 500).end(error.code ?? String(error));
  }
}).listen(Number(PORT), HOST);
