"""Stops calling what does not answer: after so many failures on end all calls fail at once, until one trial succeeds."""

import threading
import time


class Breaker:
    def __init__(self, threshold: int, open_s: float) -> None:
        self._threshold = threshold
        self._open_s = open_s
        self._failures = 0
        self._open_until = 0.0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self._failures >= self._threshold

    def admits(self) -> bool:
        """May this call be made? Of an open breaker one a period is: the trial."""
        with self._lock:
            if not self.is_open:
                return True
            if time.monotonic() < self._open_until:
                return False
            self._open_until = time.monotonic() + self._open_s
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures == self._threshold:
                self._open_until = time.monotonic() + self._open_s
