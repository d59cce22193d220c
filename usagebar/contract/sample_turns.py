"""The sample turns as their sources would answer: an answer of each provider, and what the host knows beside."""

from __future__ import annotations

from usagebar.contract.answers import (
    from_anthropic,
    from_google_genai,
    from_langchain,
    from_openai_chat,
    from_openai_responses,
)
from usagebar.contract.claude_code import from_claude_code
from usagebar.contract.openclaw import build_contract
from usagebar.contract.turn import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CLAW = {"name": "claw", "emoji": "🦞"}
# US dollars per million tokens; the samples must not change with the price list that is installed.
_PRICES = {
    "gpt-5.5": {"input": 5.0, "cache_read": 0.5, "output": 30.0},
    "gemma-4-31b-it": {"input": 0.0, "output": 0.0},
}


def typical() -> dict[str, Any]:
    """Return the contract of the turn: Anthropic Messages."""
    message = {
        "type": "message",
        "model": "claude-opus-4-8",
        "stop_reason": "end_turn",
        "usage": {
            "input_tokens": 18_204,
            "cache_read_input_tokens": 184_100,
            "cache_creation_input_tokens": 1_696,
            "output_tokens": 1_510,
        },
    }
    return from_anthropic(
        message,
        agent_id="main",
        chat_type="direct",
        session_id="5f0c7c1e",
        turns=12,
        reasoning="medium",
        override_source="user",
        fast_mode=False,
        compactions=1,
        max_tokens=272_000,
        turn_usd=0.0377,
        duration_ms=8_420,
        identity=_CLAW,
    )


def first_turn() -> dict[str, Any]:
    """Return the contract of the turn: OpenAI Responses."""
    response = {
        "object": "response",
        "model": "gpt-5.5",
        "output": [],
        "reasoning": {"effort": "low"},
        "usage": {
            "input_tokens": 812,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 96,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 908,
        },
    }
    return from_openai_responses(
        response,
        agent_id="main",
        chat_type="direct",
        session_id="0b1d52aa",
        turns=1,
        fast_mode=False,
        compactions=0,
        max_tokens=400_000,
        prices=_PRICES,
        session_usd=0.00694,
        duration_ms=940,
    )


def nothing_known() -> dict[str, Any]:
    """Return the contract of the turn: a chunk of OpenAI Chat Completions."""
    return from_openai_chat({"object": "chat.completion.chunk", "choices": [], "usage": None})


def total_only() -> dict[str, Any]:
    """Return the contract of the turn: Chat Completions of a local server."""
    completion = {"model": "qwen3:32b", "choices": [], "usage": {"total_tokens": 9_950}}
    return from_openai_chat(completion, agent_id="main", provider="ollama", reasoning="high", fast_mode=True)


def fallback() -> dict[str, Any]:
    """Return the contract of the turn: two calls of OpenAI Chat Completions."""
    turn = Turn(provider="openai", max_tokens=400_000, identity=_CLAW)
    turn.add(_completion(67_980, 61_200, 1_575, 870)).add(_completion(44_250, 41_200, 640, 410))
    return turn.contract(
        agent_id="main",
        chat_type="group",
        session_id="7c40e9d2",
        turns=3,
        reasoning="high",
        requested="anthropic/claude-opus-4-8",
        actual="openai/gpt-5.5",
        resolved_ref="openai/gpt-5.5",
        auth_mode="api-key",
        is_fallback=True,
        prices=_PRICES,
        session_usd=0.4112,
        today_usd=2.18,
        duration_ms=31_700,
    )


def _completion(prompt: int, cached: int, output: int, reasoning: int) -> dict[str, Any]:
    """Return the completion of one call: the tokens of the prompt, of what is cached of it, of output and reasoning."""
    usage = {
        "prompt_tokens": prompt,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens": output,
        "completion_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": prompt + output,
    }
    return {"object": "chat.completion", "model": "gpt-5.5", "choices": [], "usage": usage}


def override() -> dict[str, Any]:
    """Return the contract of the turn: two responses of pydantic-ai."""
    turn = Turn(max_tokens=200_000, identity={"name": "Ada", "emoji": "👩‍💻", "avatar": "https://example.org/ada.png"})
    turn.add(_model_response(40_170, 37_700, 1_880, 370)).add(_model_response(39_230, 38_400, 520, 410))
    contract = turn.contract(
        agent_id="work",
        chat_type="direct",
        session_id="e12f9a03",
        turns=9,
        display_name="claude-haiku-4-5",
        reasoning="minimal",
        requested="anthropic/claude-haiku-4-5",
        override_source="user",
        fast_mode=True,
        compactions=0,
        turn_usd=0.0154,
        session_usd=1.23,
        today_usd=9.2,
        budget_usd=10.0,
        budget_pct=92,
        duration_ms=5_210,
    )
    contract["session"] |= _session(48_200, 9_100, 310_000, 22_000)
    return contract


def _model_response(prompt: int, read: int, written: int, output: int) -> dict[str, Any]:
    """Return a response of pydantic-ai: the tokens of the prompt, read from and written to the cache, and of output."""
    usage = {
        "input_tokens": prompt,
        "cache_read_tokens": read,
        "cache_write_tokens": written,
        "output_tokens": output,
        "details": {},
    }
    model = {"model_name": "claude-haiku-4-5-20251001", "provider_name": "anthropic"}
    return {"kind": "response", "parts": [], "usage": usage, **model}


def _session(fresh: int, output: int, read: int, written: int) -> dict[str, int]:
    return {
        "input_tokens": fresh,
        "output_tokens": output,
        "cache_read_tokens": read,
        "cache_write_tokens": written,
        "total_tokens": fresh + output + read + written,
    }


def full_context() -> dict[str, Any]:
    """Return the contract of the turn: LangChain."""
    message = {
        "type": "ai",
        "usage_metadata": {
            "input_tokens": 200_000,
            "input_token_details": {"cache_read": 196_800, "cache_creation": 2_000},
            "output_tokens": 3_404,
            "total_tokens": 203_404,
        },
        "response_metadata": {"model_name": "claude-sonnet-4-6", "model_provider": "anthropic"},
    }
    return from_langchain(
        message,
        agent_id="main",
        chat_type="direct",
        session_id="93ab61f7",
        turns=88,
        reasoning="high",
        fast_mode=False,
        compactions=2,
        max_tokens=200_000,
        turn_usd=0.1218,
        duration_ms=47_300,
        identity=_CLAW,
    )


def over_full() -> dict[str, Any]:
    """Return the contract of the turn: OpenClaw's reply state."""
    return build_contract(
        {
            "agentId": "main",
            "chatType": "group",
            "sessionId": "93ab61f7",
            "provider": "anthropic",
            "model": "claude-sonnet-4-6",
            "reasoningEffort": "high",
            "fastMode": False,
            "compactionCount": 2,
            "usage": {"input": 27_000, "cacheRead": 199_000, "output": 2_048, "total": 228_048},
            "contextTokenBudget": 200_000,
            "turnUsd": 0.1714,
            "durationMs": 52_800,
            "identity": _CLAW,
        }
    )


def huge() -> dict[str, Any]:
    """Return the contract of the turn: two calls of LiteLLM."""
    turn = Turn(provider="google-vertex", max_tokens=1_000_000, identity={"name": "Researcher", "emoji": "🔬"})
    turn.add(_of_litellm(755_234_567, 733_020_000, 9_873_543, 8_699_896))
    turn.add(_of_litellm(987_654, 980_000, 3_000, 65_536))
    contract = turn.contract(
        agent_id="research",
        chat_type="group",
        session_id="d4c3b2a1",
        turns=1_204,
        reasoning="xhigh",
        fast_mode=False,
        compactions=37,
        turn_usd=1_234.5678,
        session_usd=5_150.25,
        today_usd=1_999.99,
        budget_usd=2_500.0,
        budget_pct=80,
        duration_ms=93_784_000,
    )
    contract["session"] |= _session(41_800_000, 36_500_000, 2_910_000_000, 88_400_000)
    return contract


def _of_litellm(prompt: int, read: int, written: int, output: int) -> dict[str, Any]:
    """Return a response of LiteLLM: the tokens of the prompt, read from and written to the cache, and of output."""
    usage = {
        "prompt_tokens": prompt,
        "prompt_tokens_details": {"cached_tokens": read},
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "completion_tokens": output,
        "total_tokens": prompt + output,
    }
    return {"model": "gemini-3-pro-preview-long-context", "choices": [], "usage": usage}


def free() -> dict[str, Any]:
    """Return the contract of the turn: Google GenAI."""
    response = {
        "modelVersion": "gemma-4-31b-it",
        "candidates": [],
        "usageMetadata": {"promptTokenCount": 2_310, "candidatesTokenCount": 187, "totalTokenCount": 2_497},
    }
    return from_google_genai(
        response,
        agent_id="main",
        chat_type="direct",
        reasoning="off",
        fast_mode=True,
        max_tokens=131_072,
        prices=_PRICES,
        session_usd=0.0,
        today_usd=0.0,
        duration_ms=610,
    )


def quota() -> dict[str, Any]:
    """Return the contract of the turn: Claude Code's status JSON."""
    now = 1_790_000_000
    status = {
        "session_id": "2e6f80b4",
        "version": "2.1.140",
        "model": {"id": "claude-sonnet-4-6", "display_name": "Sonnet 4.6"},
        "agent": {"name": "main"},
        "effort": {"level": "medium"},
        "fast_mode": False,
        "context_window": {
            "context_window_size": 200_000,
            "used_percentage": 45,
            "current_usage": {
                "input_tokens": 40,
                "cache_read_input_tokens": 88_200,
                "cache_creation_input_tokens": 1_160,
                "output_tokens": 2_210,
            },
        },
        "rate_limits": {
            "five_hour": {"used_percentage": 22, "resets_at": now + 16_140},
            "seven_day_opus": {"used_percentage": 91, "resets_at": now + 449_280},
            "spend_limit": {"used_percentage": 104.5, "resets_at": now + 1_209_600, "period": "month"},
        },
    }
    return from_claude_code(
        status,
        now=now,
        chat_type="direct",
        turns=41,
        provider="anthropic",
        auth_mode="oauth",
        compactions=0,
        duration_ms=12_050,
        identity=_CLAW,
    )


def hostile() -> dict[str, Any]:
    """Return the contract of the turn: Anthropic Messages, with hostile names."""
    message = {
        "type": "message",
        "model": "claude_3_5*~|`x`",
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1_337, "output_tokens": 42},
    }
    return from_anthropic(
        message,
        provider="ev\x1b[31mil\r\n-# <b>&\u202eam\u200bp",
        agent_id="<b>main</b>",
        chat_type="group",
        session_id="../../etc/passwd",
        turns=2,
        reasoning="__high__",
        fast_mode=False,
        compactions=0,
        max_tokens=200_000,
        turn_usd=0.0042,
        limits=[{"label": "||5h||", "pct_used": 50, "resets_in_s": 3_600, "scope": "</i>{model.id}"}],
        duration_ms=1_000,
        identity={"name": "@everyone <@123> [x](https://evil.example)", "emoji": "*🦞_"},
    )
