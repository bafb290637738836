"""The model's provider: embeddings and streamed chat completions."""

import json
from collections.abc import Iterator
from http.client import HTTPResponse

from upstream import Unavailable, Upstream


def embed(llm: Upstream, text: str, traceparent: str | None) -> list[float]:
    with llm.call("/v1/embeddings", {"model": "embed-1", "input": text}, traceparent) as response:
        data = json.loads(response.read())["data"]
    if not data:
        raise Unavailable("no embedding")
    return data[0]["embedding"]


def _parse(data: str) -> dict:
    """Empty where the chunk is malformed: one word is lost then, not the answer."""
    try:
        return json.loads(data)["choices"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        return {}


def _pieces(response: HTTPResponse) -> Iterator[tuple[str, str | None]]:
    """Pairs of text and finish reason; the reason comes with the last pair alone."""
    finish = None
    # To its end, also behind the last word, so that the connection can be used again.
    while line := response.readline():
        data = line.decode("utf-8", "replace").removeprefix("data:").strip()
        if not line.startswith(b"data:") or data == "[DONE]" or finish is not None:
            continue
        choice = _parse(data)
        if text := (choice.get("delta") or {}).get("content"):
            yield text, None
        finish = choice.get("finish_reason")
    if finish is None:
        raise Unavailable("the stream ended without a finish reason")
    yield "", finish


def ask(llm: Upstream, question: str, context: str, traceparent: str | None) -> Iterator[tuple[str, str | None]]:
    """Pieces of the answer as they come. Raises Unavailable, before the first or between two of them."""
    messages = [
        {"role": "system", "content": f"Answer from this text only.\n{context}"},
        {"role": "user", "content": question},
    ]
    body = {"model": "chat-1", "stream": True, "messages": messages}
    with llm.call("/v1/chat/completions", body, traceparent) as response:
        yield from _pieces(response)
