"""The vector store: a small index over HTTP. What its texts say does not matter here; that it always finds the same does."""

import json
import os
import random
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIMENSIONS = 256
TEXTS = 40


def _vector_of(text: int) -> list[float]:
    draws = random.Random(text)
    return [draws.random() - 0.5 for _ in range(DIMENSIONS)]


POINTS = [
    (f"Help page {number}: what to do, whom to ask, and how long it takes.", _vector_of(number)) for number in range(TEXTS)
]


def search(vector: list[float], limit: int) -> list[dict]:
    scored = [(sum(a * b for a, b in zip(vector, own)), text) for text, own in POINTS]
    return [{"text": text, "score": score} for score, text in sorted(scored, reverse=True)[:limit]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._send(200 if self.path == "/healthz" else 404, {"points": len(POINTS)})

    def do_POST(self) -> None:
        try:
            asked = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
            self._send(200, {"hits": search(asked["vector"], asked["limit"])})
        except (ValueError, KeyError, TypeError) as error:
            self._send(400, {"error": str(error)})

    def _send(self, status: int, body: dict) -> None:
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
    Server((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "6333"))), Handler).serve_forever()
