"""Which kind of answer an object is, by its fields."""

from __future__ import annotations

from usagebar.contract.errors import ContractError
from usagebar.contract.fields import described, fields_of
from usagebar.contract.providers.anthropic import ANTHROPIC
from usagebar.contract.providers.google import GOOGLE_GENAI
from usagebar.contract.providers.langchain import LANGCHAIN
from usagebar.contract.providers.openai import CHAT, LITELLM, RESPONSES
from usagebar.contract.providers.pydantic_ai import PYDANTIC_AI
from usagebar.contract.providers.source import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.contract.call import Reading
    from usagebar.contract.fields import Fields
    from usagebar.contract.providers.source import Source

# A shape that could be another's too is asked for after that one's: a run of pydantic-ai has an `output` as a response
# of OpenAI has, and Anthropic's input and output counts are names that most have. LiteLLM answers in the shape of
# CHAT.
_BY_ANSWER = (ANTHROPIC, CHAT, GOOGLE_GENAI, PYDANTIC_AI, RESPONSES, LANGCHAIN)
_BY_USAGE = (PYDANTIC_AI, CHAT, GOOGLE_GENAI, LANGCHAIN, RESPONSES, ANTHROPIC)
_BY_PACKAGE = {
    "anthropic": ANTHROPIC,
    "google": GOOGLE_GENAI,
    "litellm": LITELLM,
    "pydantic_ai": PYDANTIC_AI,
    "langchain_core": LANGCHAIN,
}
# Names in a usage that only one kind has.
_TELLING = (
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "input_tokens_details",
    "input_token_details",
    "output_token_details",
    "cache_read_tokens",
    "cache_write_tokens",
    "prompt_tokens",
    "completion_tokens",
    "prompt_token_count",
    "promptTokenCount",
)
_STATUS = "Claude Code's status JSON"
_ALL = ", ".join(source.title for source in (ANTHROPIC, CHAT, RESPONSES, GOOGLE_GENAI, LITELLM, PYDANTIC_AI, LANGCHAIN))


def is_status(obj: object) -> bool:
    """Tell whether an object is Claude Code's status JSON."""
    fields = fields_of(obj)
    if fields is None:
        return False
    return "context_window" in fields or "transcript_path" in fields or fields.get("hook_event_name") == "Status"


def recognised(obj: object) -> Reading | None:
    """Return what an answer of any known kind says of its model calls; None if it is of none.

    Raises `ContractError` if it cannot be read.
    """
    fields = fields_of(obj)
    source = None if fields is None else _source_of(fields, obj)
    return None if fields is None or source is None else _read(source, fields, obj)


def unknown(obj: object) -> ContractError:
    """Return the error for an object that is no answer: what was expected, and what it has in its place."""
    found = _STATUS if is_status(obj) else described(obj)
    return ContractError(f"expected an answer or usage object of {_ALL}, found {found}")


def reading_as(source: Source, obj: object) -> Reading:
    """Return what an answer of this kind says of its model calls.

    Raises `ContractError` if it is of another kind, or cannot be read.
    """
    fields = fields_of(obj)
    if fields is None or not _is_of(source, fields, obj):
        raise ContractError(f"expected an answer or usage object of {source.title}, found {described(obj)}")
    return _read(source, fields, obj)


def _read(source: Source, fields: Fields, obj: object) -> Reading:
    try:
        return source.read(fields, obj)
    except ContractError:
        raise
    except Exception as error:  # what is read are objects of others, and they may do anything
        kind = type(obj).__name__
        raise ContractError(f"expected {kind} to be readable, found that it raises {type(error).__name__}") from error


def _source_of(fields: Fields, obj: object) -> Source | None:
    own = _BY_PACKAGE.get(word(type(obj).__module__).partition(".")[0])
    if own is not None and (own.is_answer(fields) or own.is_usage(fields)):
        return own
    for source in _BY_ANSWER:
        if source.is_answer(fields):
            return source
    usage = fields_of(fields.get("usage"))
    for source in _BY_USAGE:
        if source.is_usage(fields) or (usage is not None and source.is_usage(usage)):
            return source
    return None


def _is_of(source: Source, fields: Fields, obj: object) -> bool:
    if source.is_answer(fields):
        return True
    found = _source_of(fields, obj)
    if found is source or {found, source} == {CHAT, LITELLM}:
        return True
    if found is None or source in (CHAT, LITELLM) or found.is_answer(fields):
        return False
    # Input and output counts alone are what a usage of almost any kind may come down to.
    usage = fields_of(fields.get("usage")) or fields
    return not any(name in usage for name in _TELLING)
