"""The contract `openclaw.usageLine.v1` as a pydantic model: the definition of its shape and JSON Schema.

Every field is optional, and an absent one is unknown. `None` in Python stands for absent: the JSON Schema
does not offer null, and `UsageContract.to_mapping` leaves such fields out. A wrong type (a bool or a string
is no number), a negative, NaN or infinite number and a blank text raise pydantic's `ValidationError`, which
is a `ValueError`. The docstrings of the models are descriptions in the schema: they speak to its readers.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from usagebar.contract.openclaw import SCHEMA

EXAMPLE = {
    "schema": SCHEMA,
    "surface": "discord",
    "model": {"id": "claude-opus-4-5", "display_name": "Opus 4.5", "provider": "anthropic", "reasoning": "high"},
    "usage": {
        "input_tokens": 1200,
        "cache_read_tokens": 40000,
        "cache_write_tokens": 800,
        "output_tokens": 340,
        "cache_hit_pct": 95,
        "has_split_tokens": True,
        "has_tokens": True,
    },
    "context": {"max_tokens": 200000, "used_tokens": 42000, "pct_used": 21},
    "cost": {"turn_usd": 0.0123, "available": True},
}


def _whole(value: object) -> object:
    # JSON Schema's "integer" is the value, not its spelling: 1200.0 is one.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("expected text, found blanks only")
    return value


# No min_length or pattern: pydantic refuses a lone surrogate under them, and JSON can carry one.
Text = Annotated[
    str, Field(strict=True), AfterValidator(_not_blank), WithJsonSchema({"type": "string", "pattern": r"\S"})
]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0), BeforeValidator(_whole)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100), BeforeValidator(_whole)]
Size = Annotated[int, Field(strict=True, gt=0), BeforeValidator(_whole)]
Number = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


def _optional(description: str, *examples: object) -> Any:
    return Field(default=None, description=description, examples=list(examples) or None)


def _absent_not_null(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        if field.get("default", ...) is None:
            del field["default"]
        for branch in field.pop("anyOf", ()):
            if branch != {"type": "null"}:
                field.update(branch)
        # Editors would show pydantic's "Input Tokens" above a description that says more.
        field.pop("title", None)


def _with_example(schema: dict[str, Any]) -> None:
    _absent_not_null(schema)
    schema["examples"] = [EXAMPLE]


class Section(BaseModel):
    """Hold optional figures; a host may add fields of its own."""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
        json_schema_extra=_absent_not_null,
    )


class Session(Section):
    """The session the turn belongs to, with its totals so far."""

    id: Text | None = _optional("Session id, as the host reports it.", "5f0c7c1e")
    input_tokens: Count | None = _optional("Prompt tokens outside the cache, whole session, in tokens.", 48200)
    output_tokens: Count | None = _optional("Output tokens, whole session, in tokens.", 9100)
    cache_read_tokens: Count | None = _optional("Prompt tokens read from the cache, whole session, in tokens.", 310000)
    cache_write_tokens: Count | None = _optional("Prompt tokens written to the cache, whole session, in tokens.", 22000)
    total_tokens: Count | None = _optional("All tokens of the session, in tokens.", 389300)
    turns: Count | None = _optional("Turns of the session so far, this one included.", 12)


class Model(Section):
    """The model that answered, and how it came to be chosen."""

    id: Text | None = _optional("Model id, as the provider names it.", "claude-opus-4-5", "gpt-5.2")
    display_name: Text | None = _optional("Name to show: the id, unless the source has a better one.", "Opus 4.5")
    provider: Text | None = _optional("Provider id.", "anthropic", "openai", "google")
    reasoning: Text | None = _optional(
        "Reasoning effort: off, minimal, low, medium, high or xhigh; other words of a source pass through.",
        "off",
        "medium",
        "xhigh",
    )
    requested: Text | None = _optional("Model the turn asked for, as reported.", "anthropic/claude-opus-4-5")
    actual: Text | None = _optional("Model that answered, as reported.", "anthropic/claude-sonnet-4-5")
    resolved_ref: Text | None = _optional(
        "Full reference the request resolved to, as reported.", "anthropic/claude-opus-4-5"
    )
    auth_mode: Text | None = _optional(
        "How the provider was authenticated, as reported; no cost is estimated with `oauth`, a subscription.",
        "api-key",
        "oauth",
    )
    override_source: Text | None = _optional(
        "What chose another model than the default; `auto` is no override.", "user", "auto"
    )
    is_fallback: Flag | None = _optional("Whether a fallback model answered; true only if reported so.", False)
    is_override: Flag | None = _optional(
        "Whether the model was chosen on purpose: an override source is given and is not `auto`.", False
    )


class State(Section):
    """The state of the agent."""

    fast_mode: Flag | None = _optional("Whether fast mode is on; absent if not reported.", True)
    compactions: Count | None = _optional("Times the session's context was compacted.", 1)


class CallUsage(Section):
    """Token counts of one model call."""

    input_tokens: Count | None = _optional("Prompt tokens outside the cache, in tokens.", 1200)
    cache_read_tokens: Count | None = _optional("Prompt tokens read from the cache, in tokens.", 40000)
    cache_write_tokens: Count | None = _optional("Prompt tokens written to the cache, in tokens.", 800)
    output_tokens: Count | None = _optional("Output tokens, in tokens.", 340)
    total_tokens: Count | None = _optional("Total as reported, in tokens; never summed up from the parts.", 42340)
    cache_hit_pct: Percent | None = _optional(
        "Share of the prompt read from the cache, in rounded percent: cache_read / (input + cache_read + "
        "cache_write) · 100, only if that sum is above 0.",
        95,
    )
    reasoning_tokens: Count | None = _optional("Output tokens spent on reasoning, in tokens.", 128)


class Usage(CallUsage):
    """Token counts of the turn, summed over its model calls."""

    has_split_tokens: Flag | None = _optional("Whether the input or the output count is known.", True)
    has_total_only_tokens: Flag | None = _optional("Whether the total is known, and neither input nor output.", False)
    has_tokens: Flag | None = _optional("Whether any count is known.", True)
    last: CallUsage | None = _optional("The final model call alone.")


class Context(Section):
    """The context window, as the final model call filled it."""

    max_tokens: Size | None = _optional("Size of the window as reported, in tokens.", 200000)
    used_tokens: Count | None = _optional(
        "Tokens in the window: as reported, else the prompt of the final call, in tokens.", 42000
    )
    pct_used: Count | None = _optional("Share of the window in use, in rounded percent; may exceed 100.", 21)


class Cost(Section):
    """What the turn cost, and its session, day and budget."""

    turn_usd: Number | None = _optional("Cost of this turn in US dollars; a real 0 is a cost.", 0.0123)
    available: Flag | None = _optional("Whether the cost of this turn is known.", True)
    session_usd: Number | None = _optional("Cost of the session so far in US dollars.", 1.23)
    today_usd: Number | None = _optional("Cost of the day so far in US dollars.", 4.2)
    budget_usd: Number | None = _optional("The budget in US dollars.", 10.0)
    budget_pct: Number | None = _optional(
        "Share of the budget spent, in percent; may exceed 100. Where turns without a price are left out, it is given "
        "only from 100 on.",
        42,
    )
    source: Literal["reported", "estimated"] | None = _optional(
        "Where `turn_usd` comes from: the provider's report, or token counts and a price table.", "reported"
    )


class Timing(Section):
    """How long the turn took."""

    duration_ms: Count | None = _optional("Duration of the turn in milliseconds.", 8400)


class Identity(Section):
    """The agent as it presents itself."""

    name: Text | None = _optional("Name of the agent.", "Clawd")
    emoji: Text | None = _optional("Emoji of the agent.", "🦞")
    avatar: Text | None = _optional("Avatar of the agent: a URL or a path, as reported.", "https://example.org/a.png")


class LimitWindow(Section):
    """One window of a provider's rate limit or quota."""

    label: Text | None = _optional("Short name of the window.", "5h", "7d", "spend")
    pct_used: Number | None = _optional("Share of the window used, in percent; may exceed 100.", 22)
    pct_left: Annotated[Number, Field(le=100)] | None = _optional("Share of the window left, in percent.", 78)
    resets_in_s: Number | None = _optional("Time until the window starts anew, in seconds.", 16140)
    scope: Text | None = _optional("What the window limits, if not everything: a model or a plan.", "opus")


class Limits(Section):
    """The provider's rate limits and quotas."""

    windows: list[LimitWindow] | None = _optional("The windows, in the order to show them.")


class UsageContract(Section):
    """Describe the usage of one turn of an agent, as templates read it.

    Every field is optional: absent means unknown and is never 0. A host may add fields of its own.
    """

    model_config = ConfigDict(title="Usage contract", json_schema_extra=_with_example)

    schema_: Literal["openclaw.usageLine.v1"] = Field(
        default=SCHEMA, alias="schema", description="Name and version of this contract.", examples=[SCHEMA]
    )
    surface: Text | None = _optional("Channel id of the surface the reply goes to.", "discord", "telegram")
    agent_id: Text | None = Field(default=None, alias="agentId", description="Agent id.", examples=["main"])
    chat_type: Text | None = _optional("Kind of chat, as the host reports it.", "direct", "group")
    session: Session | None = _optional("The session, with its totals so far.")
    model: Model | None = _optional("The model that answered.")
    state: State | None = _optional("The state of the agent.")
    usage: Usage | None = _optional("Token counts of the turn.")
    context: Context | None = _optional("The context window.")
    cost: Cost | None = _optional("Costs in US dollars.")
    limits: Limits | None = _optional("The provider's rate limits and quotas.")
    timing: Timing | None = _optional("How long the turn took.")
    identity: Identity | None = _optional("The agent as it presents itself.")

    def to_mapping(self) -> dict[str, Any]:
        """Return the contract as plain dicts and lists, by JSON names, without unknowns: fit to render."""
        return self.model_dump(by_alias=True, exclude_none=True)
