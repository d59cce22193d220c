"""A server of the machine's own that answers as the providers' APIs do, plainly or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

PAYLOADS = Path(__file__).with_name("payloads")
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")


def payload(name: str) -> Any:
    """Return a stored payload: `anthropic/cached`."""
    return json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))["payload"]


def anthropic_events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk a message's stream: the start has the prompt's counts and a first output token, the delta has them all."""
    usage = message["usage"]
    begun = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(message["content"]):
        yield {"type": "content_block_start", "index": index, "content_block": {**block, "text": ""}}
        if "text" in block:
            delta = {"type": "text_delta", "text": block["text"]}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    changed = {name: value for name, value in usage.items() if name.endswith("_tokens")}
    ended = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": changed}
    yield {"type": "message_stop"}


def chat_chunks(completion: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk a completion's chunks: each has a null usage, and the last one all counts and no choice."""
    shared = {name: completion[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    text = completion["choices"][0]["message"]["content"]
    for delta, reason in (({"role": "assistant", "content": text}, None), ({}, "stop")):
        yield shared | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": None}
    yield shared | {"choices": [], "usage": completion["usage"]}


def response_events(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk a response's events: what it begins with has no usage yet."""
    item = response["output"][0]
    at = {"output_index": 0, "item_id": item["id"], "content_index": 0}
    empty = {"type": "output_text", "text": "", "annotations": []}
    text = item["content"][0]["text"]
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **at, "part": empty},
        {"type": "response.output_text.delta", **at, "delta": text, "logprobs": []},
        {"type": "response.output_text.done", **at, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **at, "part": item["content"][0]},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response},
    ]
    yield from ({**event, "sequence_number": number} for number, event in enumerate(events))


def google_chunks(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk an answer's chunks: each has the counts so far."""
    usage = content["usageMetadata"]
    so_far = {"promptTokenCount": usage["promptTokenCount"], "totalTokenCount": usage["promptTokenCount"]}
    candidate = {name: value for name, value in content["candidates"][0].items() if name != "finishReason"}
    yield {**content, "candidates": [candidate], "usageMetadata": so_far}
    yield {
        **content,
        "candidates": [{**content["candidates"][0], "content": {"role": "model", "parts": [{"text": ""}]}}],
    }


# Path → whole answer, its stream, whether a stream names its events, and what ends it.
_ROUTES: dict[str, tuple[str, Any, bool, str]] = {
    "messages": ("anthropic/cached", anthropic_events, True, ""),
    "completions": ("openai_chat/cached", chat_chunks, False, "data: [DONE]\n\n"),
    "responses": ("openai_responses/reasoning", response_events, True, ""),
    "generateContent": ("google_genai/rest", google_chunks, False, ""),
    "streamGenerateContent": ("google_genai/rest", google_chunks, False, ""),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        last = self.path.partition("?")[0].replace(":", "/").rpartition("/")[2]
        if last not in _ROUTES:
            self._send("application/json", json.dumps({"error": {"message": f"no such path: {self.path}"}}), 404)
            return
        name, events, is_named, end = _ROUTES[last]
        # A tool's result is in the request: the second call of a loop.
        whole = tool_loop(payload(name), asked) if last == "messages" and asked.get("tools") else payload(name)
        if not asked.get("stream") and last != "streamGenerateContent":
            self._send("application/json", json.dumps(whole))
            return
        lines = (
            (f"event: {event['type']}\n" if is_named else "") + f"data: {json.dumps(event)}\n\n"
            for event in events(whole)
        )
        self._send("text/event-stream", "".join(lines) + end)

    def _send(self, kind: str, text: str, status: int = 200) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the output is the test's."""


def tool_loop(message: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Return the first answer of a tool's loop, which asks for the tool, or the second, which has its result."""
    if len(asked["messages"]) > 1:
        return message
    usage = {
        "input_tokens": 300,
        "cache_creation_input_tokens": 40000,
        "cache_read_input_tokens": 0,
        "output_tokens": 60,
    }
    call = {"type": "tool_use", "id": "toolu_01", "name": "run_tests", "input": {}}
    return {**message, "content": [call], "stop_reason": "tool_use", "usage": usage}


@contextmanager
def serving() -> Iterator[str]:
    """Serve while the block runs; give the server's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def environment(url: str) -> dict[str, str]:
    """Return the variables by which the SDKs find the server, and keys that nobody needs."""
    return {
        **dict.fromkeys(KEYS, "none"),
        "ANTHROPIC_BASE_URL": url,
        "OPENAI_BASE_URL": f"{url}/v1",
        "GOOGLE_GEMINI_BASE_URL": url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
