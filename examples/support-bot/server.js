import { createServer } from "node:http";
import { ask } from "./model.js";

const readBody = async (request) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
};

const send = (response, status, body) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

createServer(async (request, response) => {
  if (request.url === "/healthz") return send(response, 200, { ok: true });
  if (request.method !== "POST" || request.url !== "/ask") return send(response, 404, { error: "not found" });
  try {
    const { question } = await readBody(request);
    send(response, 200, { answer: await ask(question) });
  } catch (error) {
    send(response, 502, { error: String(error) });
  }
}).listen(Number(process.env.PORT ?? 8000), process.env.HOST ?? "127.0.0.1");
