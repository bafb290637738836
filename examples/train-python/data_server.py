"""
The two services that the training reads from.

    python data_server.py catalog    GET /catalog        names, numbers of records and checksums of all shards
    python data_server.py shards     GET /shards/NAME    one shard, an .npy file

Both answer 200 at /healthz.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shards import SHARDS, catalog, make_shard, name_of

FIRST_BYTE_S = 0.02  # an object store's


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answers: dict[str, bytes] = {}

    def do_GET(self) -> None:
        body = b"ok\n" if self.path == "/healthz" else self.answers.get(self.path)
        if self.path in self.answers:
            time.sleep(FIRST_BYTE_S)
        self.send_response(404 if body is None else 200)
        self.send_header("content-length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """A line for each call would say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that was killed is no error of this server.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


if sys.argv[1] == "catalog":
    Handler.answers = {"/catalog": json.dumps(catalog()).encode()}
else:
    Handler.answers = {f"/shards/{name_of(number)}": make_shard(number) for number in range(SHARDS)}

address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8001")))
Server(address, Handler).serve_forever()
