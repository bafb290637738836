import { startApp } from "./app.ts";
import { askModel } from "./model.ts";

startApp(
  {
    llmUrl: process.env["LLM_URL"] ?? "http://127.0.0.1:9000",
    vectorUrl: process.env["VECTOR_URL"] ?? "http://127.0.0.1:6333",
    askModel,
    fallback: true,
  },
  Number(process.env["PORT"] ?? 8000),
);
