"""A dialect's requests and answers as FastAPI itself declares them: what it says to each request of stdin.

usage: fastapi_reference.py proxy LANGUAGES | brainnet

Requests are a JSON list of [method, target, headers, body]; answers a list of [status, headers, body].
"""

import asyncio
import enum
import json
import sys

import fastapi
import httpx
import pydantic

Language = enum.StrEnum("Language", {name: name for name in sys.argv[-1].split(",")})


class SessionWish(pydantic.BaseModel):
    lang: Language = "python"
    keep_template: bool = False


class SessionCode(pydantic.BaseModel):
    code: str
    libraries: list[str] | None = []


class Code(pydantic.BaseModel):
    code: str
    lang: Language = "python"
    keep_template: bool = False
    libraries: list[str] | None = []


app = fastapi.FastAPI()


@app.get("/")
def root():
    return {"status": "ok"}


@app.post("/sessions")
def create(wish: SessionWish):
    return {}


@app.get("/sessions")
def listing():
    return {}


@app.post("/sessions/{session_id}/execute")
def run(session_id: str, code: SessionCode):
    return {}


@app.delete("/sessions/{session_id}")
def close(session_id: str):
    return {}


@app.post("/execute")
def execute(code: Code):
    return {}


class DebugCode(pydantic.BaseModel):
    code: str
    processor_id: str | None = pydantic.Field(None, max_length=256)
    input_data: dict | None = None
    timeout: int = pydantic.Field(60, ge=1, le=600)
    debug_mode: bool = False


brainnet = fastapi.FastAPI()


@brainnet.post("/execute")
def debug(code: DebugCode, wait: float = fastapi.Query(2, ge=0, le=600)):
    return {}


@brainnet.get("/executions")
def executions(limit: int = fastapi.Query(10, ge=1, le=100), offset: int = fastapi.Query(0, ge=0)):
    return []


@brainnet.get("/execution/{execution_id}")
def execution(execution_id: str):
    return {}


@brainnet.delete("/execution/{execution_id}")
def cancel(execution_id: str):
    return {}


async def answers(requests):
    transport = httpx.ASGITransport(app={"proxy": app, "brainnet": brainnet}[sys.argv[1]])
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for method, target, headers, body in requests:
            content = None if body is None else body.encode()
            answer = await client.request(method, target, headers=headers, content=content)
            yield [answer.status_code, dict(answer.headers), answer.text]


async def main():
    print(json.dumps([answer async for answer in answers(json.load(sys.stdin))]))


asyncio.run(main())
