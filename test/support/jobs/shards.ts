/** Gives any shard that it is asked for. */
import { createServer } from "node:http";

createServer((request, response) => void response.end(`shard of ${request.url ?? ""}`)).listen(
  Number(process.env["PORT"]),
  "127.0.0.1",
);
