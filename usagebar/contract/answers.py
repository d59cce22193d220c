"""One call from a provider's answer to the contract of the turn.

`from_response` finds out whose answer it is; the others read answers of one kind. Each takes the SDK's own object or
its dict, a bare usage object, and the final event or chunk of a stream.
"""

from __future__ import annotations

from usagebar.contract.claude_code import from_claude_code
from usagebar.contract.known import checked
from usagebar.contract.providers.anthropic import ANTHROPIC
from usagebar.contract.providers.google import GOOGLE_GENAI
from usagebar.contract.providers.langchain import LANGCHAIN
from usagebar.contract.providers.openai import CHAT, LITELLM, RESPONSES
from usagebar.contract.providers.pydantic_ai import PYDANTIC_AI
from usagebar.contract.recognise import is_status, reading_as, recognised, unknown
from usagebar.contract.turn import assembled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Unpack

    from usagebar.contract.call import Reading
    from usagebar.contract.known import Known


def from_response(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract of a turn of one model call from any provider's answer or usage object.

    Reads Anthropic Messages, OpenAI Chat Completions and Responses, Google GenAI, LiteLLM, pydantic-ai, LangChain, and
    Claude Code's status JSON. `known` is what the answer lacks (`identity`, `reasoning`, `max_tokens`, `auth_mode`, …)
    and comes before what it reports; None is unknown. The cost is the answer's own, else estimated by
    `usagebar.pricing.turn_cost`, never with `auth_mode="oauth"` or `prices=False`.

    Raises `ContractError` for an object of another kind, one that cannot be read, or what is known of a wrong type;
    `PriceError` if the `prices` asked for cannot be read; `TypeError` for a name that is no argument, or `prices`, `at`
    or `price_context` of another type. Configured prices that cannot be read are logged once, and nothing is estimated.
    """
    reading = recognised(obj)
    if reading is not None:
        return _contract(reading, surface, known)
    if not is_status(obj):
        raise unknown(obj)
    return from_claude_code(obj, surface, **known)  # type: ignore[arg-type]


def from_anthropic(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract from Anthropic's `Message`, its `usage`, or a stream's `message_delta` event."""
    return _contract(reading_as(ANTHROPIC, obj), surface, known)


def from_openai_chat(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract from a `ChatCompletion`, its `usage`, or the chunk of a stream that has one."""
    return _contract(reading_as(CHAT, obj), surface, known)


def from_openai_responses(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract from OpenAI's `Response`, its `usage`, or a stream's `response.completed` event."""
    return _contract(reading_as(RESPONSES, obj), surface, known)


def from_google_genai(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract from a `GenerateContentResponse`, a stream's last one too, or its `usage_metadata`."""
    return _contract(reading_as(GOOGLE_GENAI, obj), surface, known)


def from_litellm(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract from LiteLLM's `ModelResponse`, its `usage`, or the chunk of a stream that has one."""
    return _contract(reading_as(LITELLM, obj), surface, known)


def from_pydantic_ai(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract from a run's result, a `ModelResponse`, a `RunUsage` or a `RequestUsage`."""
    return _contract(reading_as(PYDANTIC_AI, obj), surface, known)


def from_langchain(obj: object, surface: str | None = None, **known: Unpack[Known]) -> dict[str, Any]:
    """Build the contract from an `AIMessage`, the sum of a stream's chunks, an agent's state, or `usage_metadata`."""
    return _contract(reading_as(LANGCHAIN, obj), surface, known)


def _contract(reading: Reading, surface: str | None, known: Mapping[str, Any]) -> dict[str, Any]:
    return assembled([(reading, {})], surface, checked(known), {})
