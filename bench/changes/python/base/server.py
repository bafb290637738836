"""The service: POST /answer {question, stream} -> embedding -> vector search -> model -> answer.

Where a dependency fails before the first word, the answer is a fallback and says so (source: "fallback"); later, it is
an error. Nothing that looks whole is not.
"""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from model import ask, embed
from upstream import Unavailable, Upstream

FALLBACK = "We can not look that up just now. Please see the help pages, or write to us."
LARGEST_BODY_BYTES = 64 * 1024
#: Longer than any balancer keeps an idle connection: it closes first, never we under its request.
KEEP_ALIVE_S = 65

llm = Upstream(os.environ.get("LLM_URL", "http://127.0.0.1:9000"))
vector = Upstream(os.environ.get("VECTOR_URL", "http://127.0.0.1:6333"))


def find_context(question: str, traceparent: str | None) -> str:
    embedding = embed(llm, question, traceparent)
    with vector.call("/search", {"vector": embedding, "limit": 2}, traceparent) as response:
        hits = json.loads(response.read())["hits"]
    return "\n\n".join(hit["text"] for hit in hits)


def answer(question: str, traceparent: str | None) -> Iterator[tuple[str, str | None, str]]:
    """Text, finish reason and source. Raises Unavailable only where the model broke off after its first word."""
    begun = False
    try:
        context = find_context(question, traceparent)
        with closing(ask(llm, question, context, traceparent)) as pieces:
            for text, finish in pieces:
                begun = begun or text != ""
                yield text, finish, "model"
    except Unavailable:
        if begun:
            raise
        yield FALLBACK, "stop", "fallback"


def is_ready() -> bool:
    """Both dependencies answer: a balancer must not send what could only get a fallback."""
    return llm.is_up("/v1/models") and vector.is_up("/healthz")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = KEEP_ALIVE_S
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._send_json(200, {"ok": True})
        elif self.path == "/readyz":
            ready = is_ready()
            self._send_json(200 if ready else 503, {"ready": ready})
        else:
            self._send_json(404, {"error": {"message": "not found"}})

    def do_POST(self) -> None:
        try:
            length = int(self.headers.get("content-length", "0"))
            if length > LARGEST_BODY_BYTES:
                raise ValueError("the body is too large")
            asked = json.loads(self.rfile.read(length))
            question = asked["question"]
        except (ValueError, KeyError, TypeError) as error:
            self.close_connection = True
            return self._send_json(400, {"error": {"message": str(error)}})
        reply = self._stream if asked.get("stream") else self._whole
        # Closed at once when the client goes away: the model must not go on talking to nobody.
        with closing(answer(question, self.headers.get("traceparent"))) as pieces:
            try:
                reply(pieces)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    def _stream(self, pieces: Iterator[tuple[str, str | None, str]]) -> None:
        begun = False
        try:
            for text, finish, source in pieces:
                if not begun:
                    self._begin_stream()
                    begun = True
                if text:
                    self._event({"choices": [{"delta": {"content": text}, "finish_reason": None}], "source": source})
                if finish is not None:
                    self._event({"choices": [{"delta": {}, "finish_reason": finish}], "source": source})
            if begun:
                self._chunk(b"data: [DONE]\n\n")
        except Unavailable as error:
            if not begun:
                return self._send_json(503, {"error": {"message": str(error)}})
            self._event({"error": {"message": str(error)}})
        self._chunk(b"")

    def _whole(self, pieces: Iterator[tuple[str, str | None, str]]) -> None:
        try:
            parts = list(pieces)
        except Unavailable as error:
            return self._send_json(503, {"error": {"message": str(error)}})
        finish, source = (parts[-1][1], parts[-1][2]) if parts else (None, "model")
        content = "".join(text for text, _, _ in parts)
        self._send_json(200, {"choices": [{"message": {"content": content}, "finish_reason": finish}], "source": source})

    def _begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _event(self, body: dict) -> None:
        self._chunk(f"data: {json.dumps(body)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _send_json(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """No line a request."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    # Loopback alone, unless its container says HOST: there others must reach it.
    Server((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
