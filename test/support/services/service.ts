/**
 * A tiny service for runtime tests. Says and does what its environment asks for:
 *   AT_START=exit        writes to stderr and exits with code 7
 *   AT_START=silent      never listens
 *   AT_START=unready     listens, but GET /ready answers 503
 *   AT_START=port-taken  fails as if another program held its port, until the file CLAIM exists
 *   GRANDCHILD=1         starts a child that makes a session of its own and sleeps
 *   STUBBORN=1           takes no notice of SIGTERM
 *   HOST=0.0.0.0         listens there instead of on 127.0.0.1
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const { AT_START, CLAIM, GRANDCHILD, HOST = "127.0.0.1", PORT, STUBBORN } = process.env;

if (STUBBORN === "1") process.on("SIGTERM", () => console.log("not listening to SIGTERM"));
process.on("SIGUSR2", () => console.log("took SIGUSR2"));

/** Which start of the service this is: in a container every one has the number 1. */
const instance = randomUUID();

const sleeper = (): number | undefined =>
  spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" }).pid;
const grandchild = GRANDCHILD === "1" ? sleeper() : undefined;

const burn = (): void => {
  const until = performance.now() + 10;
  while (performance.now() < until);
  setImmediate(burn);
};

const answer = async (path: string): Promise<unknown> => {
  if (path === "/burn") setImmediate(burn);
  // Asks the dependency whose address is in UPSTREAM.
  if (path.startsWith("/ask/")) {
    const response = await fetch(`${process.env["UPSTREAM"] ?? ""}${path.slice(4)}`);
    return { status: response.status, body: await response.text() };
  }
  if (path === "/crash") setImmediate(() => process.exit(9));
  return { pid: process.pid, instance, grandchild, argv: process.argv.slice(2), env: process.env };
};

const listen = (): void => {
  createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/moved") {
      response.writeHead(302, { location: "/ready" }).end();
      return;
    }
    if (path === "/ready" && AT_START === "unready") {
      response.writeHead(503).end("warming up");
      return;
    }
    answer(path).then(
      (body) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  }).listen(Number(PORT), HOST, () => console.log(`listening on ${PORT}`));
};

if (AT_START === "exit") {
  console.log("about to fail");
  console.error(`cannot find the model with ${process.env["MODEL_API_KEY"]}`);
  process.stderr.write("last words without a newline");
  process.exitCode = 7;
} else if (AT_START === "port-taken" && CLAIM !== undefined && !existsSync(CLAIM)) {
  writeFileSync(CLAIM, "");
  console.error(`Error: listen EADDRINUSE: address already in use 127.0.0.1:${PORT}`);
  process.exitCode = 1;
} else if (AT_START === "silent") {
  console.log("loading the model");
  setInterval(() => undefined, 1000);
} else {
  listen();
}
