"""The answering service in Python: find the FAQ entries that fit, let the model word the answer, stream it.

    POST /answer {question, stream} -> retrieval (in this process) -> language model -> JSON, or server-sent events

Where the model fails before its first word, the best FAQ entry is the answer, and says so (source: "faq").
"""

import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field

from model import ModelUnavailable, ask_model, is_reachable, new_client
from retrieval import Retrieval


# wordllama turns the log of every library on; a line for each call of the model says nothing here.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Question(BaseModel):
    question: str = Field(max_length=4096)
    stream: bool = False


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.retrieval = Retrieval(Path(__file__).parent / "faq.json")
    async with new_client(os.environ.get("LLM_URL", "http://127.0.0.1:9000")) as client:
        app.state.llm = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/healthz")
async def healthz() -> Response:
    return PlainTextResponse("ok")


@app.get("/readyz")
async def readyz(request: Request) -> Response:
    """Ready when the model answers: a load balancer must not send questions that only the FAQ could answer."""
    return Response(status_code=200 if await is_reachable(request.app.state.llm) else 503)


async def _answer(request: Request, question: str) -> AsyncIterator[tuple[str, str]]:
    """Pairs of source and text. Raises ModelUnavailable only where the model broke off after its first word."""
    entries = request.app.state.retrieval.search(question)
    context = "\n\n".join(f"{entry.question}\n{entry.answer}" for entry in entries)
    begun = False
    try:
        # Closed at once when the client goes away: the model must not go on talking to nobody.
        async with aclosing(ask_model(request.app.state.llm, question, context)) as texts:
            async for text in texts:
                begun = True
                yield "model", text
    except ModelUnavailable:
        if begun:
            raise
        yield "faq", entries[0].answer


async def _events(request: Request, question: str) -> AsyncIterator[str]:
    def event(body: dict) -> str:
        return f"data: {json.dumps(body)}\n\n"

    source = "model"
    try:
        async with aclosing(_answer(request, question)) as pieces:
            async for source, text in pieces:
                yield event({"text": text})
    except ModelUnavailable as error:
        yield event({"error": {"message": str(error)}})
        return
    yield event({"source": source, "done": True})
    yield "data: [DONE]\n\n"


@app.post("/answer")
async def answer(asked: Question, request: Request) -> Response:
    if asked.stream:
        return StreamingResponse(_events(request, asked.question), media_type="text/event-stream")
    try:
        pieces = [piece async for piece in _answer(request, asked.question)]
    except ModelUnavailable as error:
        return JSONResponse({"error": {"message": str(error)}}, status_code=502)
    source = pieces[-1][0] if pieces else "model"
    return JSONResponse({"answer": "".join(text for _, text in pieces), "source": source})


if __name__ == "__main__":
    # Loopback alone, unless its container says HOST: there others must reach it.
    uvicorn.run(
        app,
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        access_log=False,
    )
