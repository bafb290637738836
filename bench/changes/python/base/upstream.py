"""One dependency over HTTP: a pool, a deadline for each call, one retry, a breaker.

    call(path, body) -> breaker -> attempt -> [wait, attempt] -> a response that is still to be read
"""

import http.client
import json
import queue
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from breaker import Breaker

POOL_SIZE = 64
ATTEMPTS = 2
#: Until the status line, and longest silence after it.
CALL_DEADLINE_S = 0.8
BACK_OFF_S = 0.05
LONGEST_RETRY_WAIT_S = 0.3
PROBE_DEADLINE_S = 0.3
FAILURES_TO_OPEN = 8
OPEN_S = 1.0


class Unavailable(Exception):
    """The dependency gave no answer, or only a part of one."""


def _retry_wait_s(response: http.client.HTTPResponse) -> float:
    try:
        asked = float(response.headers["retry-after"])
    except (TypeError, ValueError):
        return BACK_OFF_S * (0.5 + random.random())
    return min(asked, LONGEST_RETRY_WAIT_S)


class Upstream:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()
        self._places = threading.BoundedSemaphore(POOL_SIZE)
        self._breaker = Breaker(FAILURES_TO_OPEN, OPEN_S)

    @contextmanager
    def call(self, path: str, body: object, traceparent: str | None) -> Iterator[http.client.HTTPResponse]:
        """A 2xx response. Raises Unavailable, also where reading it fails."""
        if not self._breaker.admits():
            raise Unavailable("the breaker is open")
        if not self._places.acquire(timeout=CALL_DEADLINE_S):
            raise Unavailable("the pool is full")
        try:
            try:
                connection, response = self._attempts(path, json.dumps(body).encode(), traceparent)
            except Unavailable:
                self._breaker.failed()
                raise
            self._breaker.succeeded()
            try:
                yield response
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise Unavailable(f"the answer broke off: {error!r}") from error
            finally:
                # Read to its end it can be used again; else it is given up, and the dependency sees that.
                if response.isclosed():
                    self._idle.put(connection)
                else:
                    response.close()
                    connection.close()
        finally:
            self._places.release()

    def _attempts(
        self, path: str, body: bytes, traceparent: str | None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        reason = ""
        for attempt in range(1, ATTEMPTS + 1):
            wait_s = BACK_OFF_S * (0.5 + random.random())
            try:
                connection, response = self._send(path, body, traceparent)
                if 200 <= response.status < 300:
                    return connection, response
                reason = f"status {response.status}"
                connection.close()
                if response.status < 500 and response.status != 429:
                    break
                wait_s = _retry_wait_s(response)
            except (OSError, http.client.HTTPException) as error:
                reason = repr(error)
            if attempt < ATTEMPTS:
                time.sleep(wait_s)
        raise Unavailable(reason)

    def _send(
        self, path: str, body: bytes, traceparent: str | None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        connection = self._connection()
        headers = {"content-type": "application/json"}
        if traceparent is not None:
            headers["traceparent"] = traceparent
        try:
            connection.request("POST", path, body, headers)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def _connection(self) -> http.client.HTTPConnection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=CALL_DEADLINE_S)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection

    def is_up(self, path: str) -> bool:
        """Would a call be worth making?"""
        if self._breaker.is_open:
            return False
        probe = http.client.HTTPConnection(self._host, self._port, timeout=PROBE_DEADLINE_S)
        try:
            probe.request("GET", path)
            return 200 <= probe.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()
