/**
 * A worker of a job that does as it is asked, so that a test decides when it writes, and when it dies. Each answer is JSON.
 *   GET /about               its variables, its user, and whether it ever ran in this container before
 *   GET /say/TEXT            a line on standard output
 *   GET /exit/CODE           its last words, then its end
 *   GET /put/BYTES/FILE      a file of that size, written to the disk itself; 507 with the error's code
 *   GET /link/NAME?to=TARGET a symbolic link in the checkpoints
 *   GET /list/DIRECTORY
 *   GET /take/BYTES          takes memory and keeps it
 *   GET /ask                 calls DATA_URL; 504 with the error's code
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer, get } from "node:http";

const { CHECKPOINT_DIR, DATA_URL, GRACE, PORT, RANK, SCRATCH_DIR, TOKEN, WORLD_SIZE } = process.env;
const BLOCK_BYTES = 1024 * 1024;
const MARK = "/was-here";
const held = [];
const wasHere = existsSync(MARK);
// A user of the image's own may not write there.
if (process.getuid() === 0) writeFileSync(MARK, "");

const put = (bytes, file) => {
  const to = openSync(`/${file}`, "w");
  const startMs = performance.now();
  try {
    for (let left = bytes; left > 0; left -= BLOCK_BYTES) {
      writeSync(to, Buffer.alloc(Math.min(left, BLOCK_BYTES), "x"));
      fsyncSync(to);
    }
  } finally {
    closeSync(to);
  }
  return { ms: performance.now() - startMs };
};

const ask = () =>
  new Promise((resolve, reject) => {
    get(DATA_URL, { agent: false, signal: AbortSignal.timeout(2000) }, async (response) => {
      await response.toArray();
      resolve({ status: response.statusCode });
    }).on("error", reject);
  });

const ACTIONS = {
  about: () => ({ CHECKPOINT_DIR, SCRATCH_DIR, RANK, WORLD_SIZE, uid: process.getuid(), wasHere }),
  say: (_, text) => console.log(decodeURIComponent(text)),
  exit: (_, code) => {
    console.log(`leaving with ${code}`);
    console.error("and a last word");
    process.exit(Number(code));
  },
  put: (_, bytes, ...file) => put(Number(bytes), file.join("/")),
  link: (query, name) => symlinkSync(query.get("to"), `${CHECKPOINT_DIR}/${name}`),
  list: (_, ...directory) => readdirSync(`/${directory.join("/")}`).sort(),
  take: (_, bytes) => void held.push(Buffer.alloc(Number(bytes), 1)),
  ask,
};
const FAILED = { ask: 504, put: 507 };

console.log(`worker ${RANK} of ${WORLD_SIZE} with ${TOKEN}`);
if (GRACE !== undefined) {
  process.on("SIGTERM", () => {
    for (let line = 1; line <= Number(GRACE); line++) console.log(`shard ${line} saved`);
    process.exit(0);
  });
}
createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://worker");
  const [, action, ...rest] = pathname.split("/");
  try {
    response.end(JSON.stringify((await ACTIONS[action](searchParams, ...rest)) ?? null));
  } catch (error) {
    response.writeHead(FAILED[action] ?? 500).end(error.code ?? String(error));
  }
}).listen(Number(PORT), "0.0.0.0");
