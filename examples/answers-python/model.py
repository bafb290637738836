"""Asks the language model, carefully: one retry, a cap on how long a Retry-After is honoured, a deadline for each wait.

What cannot be had in time is a ModelUnavailable; the service then answers from the FAQ instead.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx

ATTEMPTS = 2
#: Until the response's status line, for each attempt.
CALL_DEADLINE_S = 1.5
#: Longest silence inside a stream.
SILENCE_S = 1.5
LONGEST_RETRY_WAIT_S = 0.2


class ModelUnavailable(Exception):
    """The model gave no answer, or only a part of one."""


def new_client(llm_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=llm_url, timeout=httpx.Timeout(SILENCE_S, connect=0.5))


async def is_reachable(client: httpx.AsyncClient) -> bool:
    try:
        async with asyncio.timeout(0.5):
            return (await client.get("/v1/models")).is_success
    except (httpx.HTTPError, TimeoutError):
        return False


def _retry_wait_s(response: httpx.Response) -> float:
    try:
        asked = float(response.headers.get("retry-after", "0.1"))
    except ValueError:
        asked = LONGEST_RETRY_WAIT_S
    return min(LONGEST_RETRY_WAIT_S, max(0.0, asked))


async def _open(client: httpx.AsyncClient, body: dict) -> httpx.Response:
    """A response whose stream can be read. The caller closes it."""
    reason = ""
    for attempt in range(1, ATTEMPTS + 1):
        wait_s = 0.0
        try:
            async with asyncio.timeout(CALL_DEADLINE_S):
                request = client.build_request("POST", "/v1/chat/completions", json=body)
                response = await client.send(request, stream=True)
            if response.is_success:
                return response
            await response.aclose()
            reason = f"status {response.status_code}"
            if response.status_code < 500 and response.status_code != 429:
                break
            wait_s = _retry_wait_s(response)
        except (httpx.HTTPError, TimeoutError) as error:
            reason = repr(error)
        if attempt < ATTEMPTS:
            await asyncio.sleep(wait_s)
    raise ModelUnavailable(reason)


async def _tokens(response: httpx.Response) -> AsyncIterator[str]:
    """Texts of a chat completion's event stream, held to its own end: a connection may close without an error."""
    async for line in response.aiter_lines():
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        choice = json.loads(data)["choices"][0]
        if text := choice["delta"].get("content"):
            yield text
        if choice["finish_reason"] is not None:
            return
    raise ModelUnavailable("the stream ended without a finish reason")


async def ask_model(client: httpx.AsyncClient, question: str, context: str) -> AsyncIterator[str]:
    """Texts of the answer as they come. Raises ModelUnavailable, before the first or between two of them."""
    response = await _open(
        client,
        {
            "model": "answers-1",
            "stream": True,
            "messages": [
                {
                    "role": "system",
                    "content": f"Answer the customer's question from this text only.\n{context}",
                },
                {"role": "user", "content": question},
            ],
        },
    )
    try:
        async for text in _tokens(response):
            yield text
    except (httpx.HTTPError, json.JSONDecodeError, KeyError, IndexError, TypeError) as error:
        raise ModelUnavailable(repr(error)) from error
    finally:
        await response.aclose()
