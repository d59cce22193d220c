"""What an answer of each provider costs to read: `from_response` with the price of the call, warm, in seconds."""

from __future__ import annotations

import timeit
from typing import Any

from usagebar.contract import from_response

ROUNDS = 7
CALLS = 2_000

# The dict of each answer; the SDKs' objects are read from where they keep their values, which takes no longer.
ANSWERS: dict[str, dict[str, Any]] = {
    "Anthropic Messages": {
        "type": "message",
        "model": "claude-opus-4-8",
        "usage": {
            "input_tokens": 1_204,
            "cache_read_input_tokens": 184_100,
            "cache_creation_input_tokens": 1_696,
            "cache_creation": {"ephemeral_5m_input_tokens": 1_696, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 1_510,
            "service_tier": "standard",
        },
    },
    "OpenAI Chat Completions": {
        "object": "chat.completion",
        "model": "gpt-5.5",
        "choices": [],
        "usage": {
            "prompt_tokens": 44_250,
            "prompt_tokens_details": {"cached_tokens": 41_200, "audio_tokens": 0},
            "completion_tokens": 640,
            "completion_tokens_details": {"reasoning_tokens": 410},
            "total_tokens": 44_890,
        },
    },
    "OpenAI Responses": {
        "object": "response",
        "model": "gpt-5.5",
        "output": [],
        "usage": {
            "input_tokens": 44_250,
            "input_tokens_details": {"cached_tokens": 41_200},
            "output_tokens": 640,
            "output_tokens_details": {"reasoning_tokens": 410},
            "total_tokens": 44_890,
        },
    },
    "Google GenAI": {
        "candidates": [],
        "model_version": "gemini-2.5-pro",
        "usage_metadata": {
            "prompt_token_count": 44_250,
            "cached_content_token_count": 41_200,
            "candidates_token_count": 230,
            "thoughts_token_count": 410,
            "total_token_count": 44_890,
        },
    },
    "pydantic-ai": {
        "kind": "response",
        "parts": [],
        "model_name": "gpt-5.5",
        "provider_name": "openai",
        "usage": {"input_tokens": 44_250, "cache_read_tokens": 41_200, "output_tokens": 640, "details": {}},
    },
    "LangChain": {
        "type": "ai",
        "usage_metadata": {
            "input_tokens": 44_250,
            "input_token_details": {"cache_read": 41_200},
            "output_tokens": 640,
            "total_tokens": 44_890,
        },
        "response_metadata": {"model_name": "gpt-5.5", "model_provider": "openai"},
    },
}


def measure() -> dict[str, float]:
    """Return the seconds of a call, the best of some rounds, for each kind of answer."""
    found = {}
    for name, answer in ANSWERS.items():
        cost = _read(answer)["cost"]
        if not cost["available"]:
            raise RuntimeError(f"expected a price for the answer of {name}, found none")
        found[name] = min(timeit.repeat(lambda answer=answer: _read(answer), number=CALLS, repeat=ROUNDS)) / CALLS  # type: ignore[misc]
    return found


def _read(answer: dict[str, Any]) -> dict[str, Any]:
    return from_response(answer, "discord", max_tokens=272_000, reasoning="medium", identity={"emoji": "🦞"})


if __name__ == "__main__":
    for name, seconds in measure().items():
        print(f"{name:<26}{seconds * 1e6:6.1f} µs")
