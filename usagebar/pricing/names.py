"""Names of models and providers, and the other names under which price lists know them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# No model has a longer name, and a search through thousands of patterns is not for megabytes.
LONGEST_NAME = 512

# What is stripped from a model's name, in this order, as long as a price list does not know it.
_LABEL = r"^\[[^\]]*\]\s*"  # `[openclaw] claude-…`
_CONTEXT = r"\[\w+\]$"  # `claude-…[1m]`, Claude Code's way to ask for a longer context
_PREFIX = r"^[^/]+/(?=.)"  # `anthropic/claude-…`
_BEHIND_PREFIX = (
    r"^(?:us|eu|apac|global|us-gov|jp|au|ca|sa|me|af|uk|in)\.(?=[a-z])",  # `us.anthropic.claude-…`, Bedrock's regions
    r"-v?\d+:\d+(?::\w+)?$",  # `claude-…-v1:0`, Bedrock's versions
    r"@(?:\d{4}-?\d{2}-?\d{2}|latest|default)$",  # `claude-…@20250514`, Vertex's versions
    r"^(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|moonshot|minimax|nvidia)\.(?=[a-z])",
)
_BEDROCK = rf"{_BEHIND_PREFIX[0]}|{_BEHIND_PREFIX[1]}|{_BEHIND_PREFIX[3]}|^arn:aws[\w-]*:bedrock:"

# `deepseek/deepseek-r1:free`: so OpenRouter alone names the ways it serves a model.
_ROUTED = r":(?:free|nitro|floor|exacto|thinking|online|extended|beta|batch)$"
# `qwen3:32b`, `llama3.1:8b-instruct-q4_K_M`, `gemma3n:e4b`, `mistral:latest`: Ollama's tags, of local models.
_LOCAL = r":(?:(?:e|\d+x)?\d+(?:\.\d+)?[bm](?:-[\w.-]+)?|latest|fp16|q\d\w*)$"

# A provider's names: first genai-prices' own, then those of its runtimes and of LiteLLM's price list.
_SPELLINGS = (
    ("anthropic", "claude-code", "claude-cli"),
    ("openai", "openai-codex", "codex", "codex-cli", "text-completion-openai"),
    ("google", "gemini", "google-gemini-cli", "gemini-cli", "vertex-ai", "vertex", "google-vertex"),
    ("aws", "bedrock", "amazon-bedrock", "bedrock-converse"),
    ("azure", "azure-openai", "azure-ai"),
    ("x-ai", "xai"),
    ("zai", "z-ai", "z.ai"),
    ("minimax", "minimax-portal"),
    ("moonshotai", "moonshot"),
    ("mistral", "mistralai"),
    ("together", "together-ai", "togetherai"),
    ("fireworks", "fireworks-ai"),
    ("novita", "novita-ai"),
    ("github-copilot", "copilot"),
    ("cohere", "cohere-chat"),
    ("voyageai", "voyage"),
    ("meta", "meta-llama"),
)
_FAMILIES = {name: spellings for spellings in _SPELLINGS for name in spellings}


def family(provider: str) -> str:
    """Return the one name of a provider: genai-prices' where it is a known spelling of it, else as it is, lower case.

    Underscores are hyphens here, and Vertex AI's many parts in LiteLLM's list are one.
    """
    name = provider.strip().lower().replace("_", "-")
    if name.startswith("vertex-ai-"):
        name = "vertex-ai"
    return _FAMILIES.get(name, (name,))[0]


def spellings(provider: str) -> list[str]:
    """Return the names under which a list may have a provider, as given first, all in lower case."""
    name = provider.strip().lower()
    known = _FAMILIES.get(family(name), ())
    return list(dict.fromkeys([name, *known, *(each.replace("-", "_") for each in known)]))


def forms(model: str, *, without_prefix: bool) -> Iterator[str]:
    """Walk a model's name in lower case, as it is and with ever more stripped from it; `provider/` if asked for.

    A blank name is none.
    """
    import re  # noqa: PLC0415 - only for a name that was not met before

    name = model.strip().lower()
    if not name:
        return
    yield name
    patterns = (_LABEL, _CONTEXT, *([_PREFIX] if without_prefix else []), *_BEHIND_PREFIX)
    for pattern in patterns:
        while (stripped := re.sub(pattern, "", name, count=1)) not in (name, ""):
            name = stripped
            yield name


def biller(provider: str | None) -> str | None:
    """Return the provider that bills, None if that is not said: LiteLLM only passes on what others bill."""
    return None if provider is None or provider.strip().lower() in ("", "litellm") else provider


def prefix(model: str) -> str | None:
    """Return the provider that a model's name starts with, `openai` of `[openclaw] openai/gpt-5`; None without one."""
    import re  # noqa: PLC0415 - as in forms

    before, slash, _ = re.sub(_LABEL, "", model.strip().lower()).partition("/")
    return before if slash and before else None


def routed(model: str) -> list[str]:
    """Return the names that OpenRouter may have for a model that is named with one of its variants; none without."""
    import re  # noqa: PLC0415 - as in forms

    name = re.sub(_LABEL, "", model.strip().lower())
    return [name.removeprefix("openrouter/"), name] if re.search(_ROUTED, name) else []


def is_local(model: str) -> bool:
    """Tell whether a name is of the kind that Ollama has, for models that nobody bills for."""
    import re  # noqa: PLC0415 - as in forms

    return re.search(_LOCAL, model.strip().lower()) is not None


def is_bedrock(model: str) -> bool:
    """Tell whether a name is of the kind that only Amazon Bedrock has."""
    import re  # noqa: PLC0415 - as in forms

    return re.search(_BEDROCK, model) is not None
