/** Pull requests to examples/answers-python, the answering service in Python. */
import { type Change, careless, edit, harmless } from "../change.ts";

export const CHANGES: readonly Change[] = [
  careless(
    "retries-gone",
    "Simplify the model client: the provider retries for us",
    ["llm", "llm-fails-once", "llm-rate-limited", "llm-down", "llm-hangs"],
    edit("model.py", "ATTEMPTS = 2\n", "ATTEMPTS = 1\n"),
  ),
  careless(
    "timeout-60s",
    "Long answers were cut off: raise the deadlines",
    ["llm", "llm-hangs", "llm-stalls"],
    edit("model.py", "CALL_DEADLINE_S = 1.5\n", "CALL_DEADLINE_S = 60.0\n"),
    edit("model.py", "SILENCE_S = 1.5\n", "SILENCE_S = 60.0\n"),
  ),
  careless(
    "retry-after-uncapped",
    "Honour Retry-After as the provider asks",
    ["llm", "llm-rate-limited"],
    edit("model.py", "LONGEST_RETRY_WAIT_S = 0.2\n", "LONGEST_RETRY_WAIT_S = 60.0\n"),
  ),
  careless(
    "fallback-gone",
    "Remove the FAQ fallback: dead code",
    ["llm", "llm-down", "llm-hangs", "llm-rate-limited"],
    edit(
      "server.py",
      '        if begun:\n            raise\n        yield "faq", entries[0].answer',
      "        raise",
    ),
  ),
  careless(
    "truncation-unseen",
    "Some providers send no finish reason",
    ["llm", "llm-cut"],
    edit("model.py", '    raise ModelUnavailable("the stream ended without a finish reason")', "    return"),
  ),
  careless(
    "retry-storm",
    "Be more persistent with the model",
    ["llm", "llm-down", "llm-rate-limited"],
    edit("model.py", "ATTEMPTS = 2\n", "ATTEMPTS = 6\n"),
    edit("model.py", "LONGEST_RETRY_WAIT_S = 0.2\n", "LONGEST_RETRY_WAIT_S = 0.001\n"),
  ),
  careless(
    "ready-lies",
    "Readiness flapped: answer as soon as the process is up",
    ["llm", "llm-down"],
    edit(
      "server.py",
      "status_code=200 if await is_reachable(request.app.state.llm) else 503",
      "status_code=200",
    ),
  ),
  careless(
    "garbage-unseen",
    "Only network errors mean that the model is unavailable",
    ["llm", "llm-garbled"],
    edit(
      "model.py",
      "except (httpx.HTTPError, json.JSONDecodeError, KeyError, IndexError, TypeError) as error:",
      "except httpx.HTTPError as error:",
    ),
  ),
  careless(
    "slow-restart",
    "Warm up before taking traffic",
    ["service", "killed"],
    edit(
      "server.py",
      'if __name__ == "__main__":\n',
      'if __name__ == "__main__":\n    import time\n\n    time.sleep(4)\n',
    ),
  ),
  careless(
    "blocking-step",
    "Score the answer's tone before it is sent",
    ["llm", "control", "llm-stalls", "llm-hangs", "llm-cut", "all"],
    edit(
      "server.py",
      "    entries = request.app.state.retrieval.search(question)\n",
      "    entries = request.app.state.retrieval.search(question)\n    sum(hash((question, n)) % 7 for n in range(150_000))\n",
    ),
  ),
  harmless(
    "renamed",
    "Rename the internals of the retrieval",
    edit(
      "retrieval.py",
      "def _embed(self, texts: list[str]) -> np.ndarray:",
      "def _vectors_of(self, texts: list[str]) -> np.ndarray:",
    ),
    edit("retrieval.py", "self._vectors = self._embed([f", "self._vectors = self._vectors_of([f"),
    edit(
      "retrieval.py",
      "self._vectors @ self._embed([question])",
      "self._vectors @ self._vectors_of([question])",
    ),
  ),
  harmless(
    "log-lines",
    "Log every question as JSON",
    edit(
      "server.py",
      "    if asked.stream:\n",
      '    print(json.dumps({"question": asked.question}), flush=True)\n    if asked.stream:\n',
    ),
  ),
  harmless(
    "refactored",
    "Build the context in a function of its own",
    edit(
      "server.py",
      '    context = "\\n\\n".join(f"{entry.question}\\n{entry.answer}" for entry in entries)\n',
      '    def text_of(entry):\n        return f"{entry.question}\\n{entry.answer}"\n\n    context = "\\n\\n".join(map(text_of, entries))\n',
    ),
  ),
  harmless(
    "two-percent-slower",
    "Check every question for banned words",
    edit(
      "server.py",
      "    entries = request.app.state.retrieval.search(question)\n",
      "    import asyncio\n\n    await asyncio.sleep(0.002)\n    entries = request.app.state.retrieval.search(question)\n",
    ),
  ),
  harmless(
    "faster-path",
    "One entry is context enough",
    edit("retrieval.py", "limit: int = 2", "limit: int = 1"),
  ),
];
