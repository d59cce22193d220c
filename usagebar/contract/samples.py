"""Sample turns: what a template is tried on by the check and the preview.

Each is a turn that can happen, built by the arithmetic that real turns go through: what one of them says of its tokens
holds together. None has a `surface`: whoever shows them says where.
"""

from __future__ import annotations

from usagebar.contract.openclaw import SCHEMA
from usagebar.figures import call_usage, percent, turn_usage
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Sample(Record):
    """A turn to try a template on: its name on the command line, what it is a sample of, and its contract."""

    name: str
    summary: str
    contract: Mapping[str, Any]


def _sample(name: str, summary: str, **sections: Any) -> Sample:
    return Sample(name, summary, {"schema": SCHEMA} | sections)


def _model(name: str, provider: str, **more: Any) -> dict[str, Any]:
    """Return the model that answered; its id is its name, unless `id` says otherwise."""
    return {"id": name, "display_name": name, "provider": provider, "is_fallback": False, "is_override": False} | more


def _usage(last: Mapping[str, int] | None = None, **counts: int) -> dict[str, Any]:
    """Return the turn's tokens by the contract's names without `_tokens`, and those of its final call."""
    usage = turn_usage(_tokens(counts))
    return usage if last is None else usage | {"last": call_usage(_tokens(last))}


def _tokens(counts: Mapping[str, int]) -> dict[str, int]:
    return {f"{name}_tokens": count for name, count in counts.items()}


def _context(used: int, size: int) -> dict[str, Any]:
    return {"max_tokens": size, "used_tokens": used, "pct_used": percent(used, size)}


def _cost(usd: float, source: str = "reported", **more: float) -> dict[str, Any]:
    return {"turn_usd": usd, "available": True, "source": source} | more


def _window(label: str, used: float, resets_in_s: int, **scope: str) -> dict[str, Any]:
    return {"label": label, "pct_used": used, "pct_left": max(0, 100 - used), "resets_in_s": resets_in_s} | scope


_NO_COST = {"available": False}
_CLAW = {"name": "claw", "emoji": "🦞"}

SAMPLES: Mapping[str, Sample] = {
    sample.name: sample
    for sample in (
        _sample(
            "typical",
            "an ordinary turn of one call, most of it read from the cache",
            agentId="main",
            chat_type="direct",
            session={"id": "5f0c7c1e", "turns": 12},
            model=_model("claude-opus-4-8", "anthropic", reasoning="medium", override_source="user", is_override=True),
            state={"fast_mode": False, "compactions": 1},
            usage=_usage(input=18_204, cache_read=184_100, cache_write=1_696, output=1_510, total=205_510),
            context=_context(204_000, 272_000),
            cost=_cost(0.0377),
            timing={"duration_ms": 8_420},
            identity=_CLAW,
        ),
        _sample(
            "first-turn",
            "the first turn of a session: nothing is cached, the window is all but empty",
            agentId="main",
            chat_type="direct",
            session={"id": "0b1d52aa", "turns": 1},
            model=_model("gpt-5.5", "openai", reasoning="low"),
            state={"fast_mode": False, "compactions": 0},
            usage=_usage(input=812, cache_read=0, output=96, total=908),
            context=_context(812, 400_000),
            cost=_cost(0.0069, "estimated", session_usd=0.0069),
            timing={"duration_ms": 940},
        ),
        _sample(
            "nothing-known",
            "a turn of which nothing was reported",
            model={"is_fallback": False, "is_override": False},
            usage=_usage(),
            cost=_NO_COST,
        ),
        _sample(
            "total-only",
            "a local model that reports the total of its tokens alone",
            agentId="main",
            model=_model("qwen3:32b", "ollama", reasoning="high"),
            state={"fast_mode": True},
            usage=_usage(total=9_950),
            cost=_NO_COST,
        ),
        _sample(
            "fallback",
            "another model answered than the one asked for, after several calls",
            agentId="main",
            chat_type="group",
            session={"id": "7c40e9d2", "turns": 3},
            model=_model(
                "gpt-5.5",
                "openai",
                reasoning="high",
                requested="anthropic/claude-opus-4-8",
                actual="openai/gpt-5.5",
                resolved_ref="openai/gpt-5.5",
                auth_mode="api-key",
                is_fallback=True,
            ),
            usage=_usage(
                {"input": 3_050, "cache_read": 41_200, "output": 640, "total": 44_890, "reasoning": 410},
                input=9_830,
                cache_read=102_400,
                output=2_215,
                total=114_445,
                reasoning=1_280,
            ),
            context=_context(44_250, 400_000),
            cost=_cost(0.1668, "estimated", session_usd=0.4112, today_usd=2.18),
            timing={"duration_ms": 31_700},
            identity=_CLAW,
        ),
        _sample(
            "override",
            "a model that the user chose, and a budget that is nearly spent",
            agentId="work",
            chat_type="direct",
            session={
                "id": "e12f9a03",
                "input_tokens": 48_200,
                "output_tokens": 9_100,
                "cache_read_tokens": 310_000,
                "cache_write_tokens": 22_000,
                "total_tokens": 389_300,
                "turns": 9,
            },
            model=_model(
                "claude-haiku-4-5-20251001",
                "anthropic",
                display_name="claude-haiku-4-5",
                reasoning="minimal",
                requested="anthropic/claude-haiku-4-5",
                override_source="user",
                is_override=True,
            ),
            state={"fast_mode": True, "compactions": 0},
            usage=_usage(
                {"input": 310, "cache_read": 38_400, "cache_write": 520, "output": 410},
                input=900,
                cache_read=76_100,
                cache_write=2_400,
                output=780,
            ),
            context=_context(39_230, 200_000),
            cost=_cost(0.0154, session_usd=1.23, today_usd=9.2, budget_usd=10.0, budget_pct=92),
            timing={"duration_ms": 5_210},
            identity={"name": "Ada", "emoji": "👩‍💻", "avatar": "https://example.org/ada.png"},
        ),
        _sample(
            "full-context",
            "a window that is full to the last token",
            agentId="main",
            chat_type="direct",
            session={"id": "93ab61f7", "turns": 88},
            model=_model("claude-sonnet-4-6", "anthropic", reasoning="high"),
            state={"fast_mode": False, "compactions": 2},
            usage=_usage(input=1_200, cache_read=196_800, cache_write=2_000, output=3_404, total=203_404),
            context=_context(200_000, 200_000),
            cost=_cost(0.1218),
            timing={"duration_ms": 47_300},
            identity=_CLAW,
        ),
        _sample(
            "over-full",
            "a window that holds more than it should, before it is compacted",
            agentId="main",
            chat_type="group",
            session={"id": "93ab61f7", "turns": 89},
            model=_model("claude-sonnet-4-6", "anthropic", reasoning="high"),
            state={"fast_mode": False, "compactions": 2},
            usage=_usage(input=27_000, cache_read=199_000, output=2_048, total=228_048),
            context=_context(226_000, 200_000),
            cost=_cost(0.1714),
            timing={"duration_ms": 52_800},
            identity=_CLAW,
        ),
        _sample(
            "huge",
            "the largest numbers that are likely: a long run over a window of a million tokens",
            agentId="research",
            chat_type="group",
            session={
                "id": "d4c3b2a1",
                "input_tokens": 41_800_000,
                "output_tokens": 36_500_000,
                "cache_read_tokens": 2_910_000_000,
                "cache_write_tokens": 88_400_000,
                "total_tokens": 3_076_700_000,
                "turns": 1_204,
            },
            model=_model("gemini-3-pro-preview-long-context", "google-vertex", reasoning="xhigh"),
            state={"fast_mode": False, "compactions": 37},
            usage=_usage(
                {"input": 4_654, "cache_read": 980_000, "cache_write": 3_000, "output": 65_536, "total": 1_053_190},
                input=12_345_678,
                cache_read=734_000_000,
                cache_write=9_876_543,
                output=8_765_432,
                total=764_987_653,
            ),
            context=_context(987_654, 1_000_000),
            cost=_cost(1_234.5678, session_usd=5_150.25, today_usd=1_999.99, budget_usd=2_500.0, budget_pct=80),
            timing={"duration_ms": 93_784_000},
            identity={"name": "Researcher", "emoji": "🔬"},
        ),
        _sample(
            "free",
            "a turn that cost nothing, and is known to",
            agentId="main",
            chat_type="direct",
            model=_model("llama-4-scout", "groq", reasoning="off"),
            state={"fast_mode": True},
            usage=_usage(input=2_310, output=187, total=2_497),
            context=_context(2_310, 131_072),
            cost=_cost(0.0, session_usd=0.0, today_usd=0.0),
            timing={"duration_ms": 610},
        ),
        _sample(
            "quota",
            "a subscription: windows of quota in place of a cost",
            agentId="main",
            chat_type="direct",
            session={"id": "2e6f80b4", "turns": 41},
            model=_model("claude-sonnet-4-6", "anthropic", reasoning="medium", auth_mode="oauth"),
            state={"fast_mode": False, "compactions": 0},
            usage=_usage(input=40, cache_read=88_200, cache_write=1_160, output=2_210, total=91_610),
            context=_context(89_400, 200_000),
            cost=_NO_COST,
            limits={
                "windows": [
                    _window("5h", 22, 16_140),
                    _window("7d", 91, 449_280, scope="opus"),
                    _window("spend", 104.5, 1_209_600, scope="extra usage"),
                ]
            },
            timing={"duration_ms": 12_050},
            identity=_CLAW,
        ),
        _sample(
            "hostile",
            "names that attack where they are shown: markup, mentions, controls",
            agentId="<b>main</b>",
            chat_type="group",
            session={"id": "../../etc/passwd", "turns": 2},
            model=_model("claude_3_5*~|`x`", "ev\x1b[31mil\r\n-# <b>&\u202eam\u200bp", reasoning="__high__"),
            state={"fast_mode": False, "compactions": 0},
            usage=_usage(input=1_337, output=42, total=1_379),
            context=_context(1_337, 200_000),
            cost=_cost(0.0042),
            limits={"windows": [_window("||5h||", 50, 3_600, scope="</i>{model.id}")]},
            timing={"duration_ms": 1_000},
            identity={"name": "@everyone <@123> [x](https://evil.example)", "emoji": "*🦞_"},
        ),
    )
}
