import { startApp } from "../answers/app.ts";
import { askModel } from "./model.ts";

startApp(
  {
    llmUrl: process.env["LLM_URL"] ?? "http://127.0.0.1:9000",
    vectorUrl: process.env["VECTOR_URL"] ?? "http://127.0.0.1:6333",
    askModel,
    fallback: false,
  },
  // Loopback alone, unless its container says HOST: there others must reach it.
  { host: process.env["HOST"] ?? "127.0.0.1", port: Number(process.env["PORT"] ?? 8000) },
);
