"""The per-turn contract `openclaw.usageLine.v1`: its model, and builders from what a source reports.

Rule zero of every builder: absent means unknown and is never turned into 0.
"""

from __future__ import annotations

from usagebar.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usagebar.contract.answers import (
        from_anthropic,
        from_google_genai,
        from_langchain,
        from_litellm,
        from_openai_chat,
        from_openai_responses,
        from_pydantic_ai,
        from_response,
    )
    from usagebar.contract.claude_code import from_claude_code
    from usagebar.contract.errors import ContractError
    from usagebar.contract.model import UsageContract
    from usagebar.contract.openclaw import build_contract
    from usagebar.contract.turn import Turn

__all__ = [
    "ContractError",
    "Turn",
    "UsageContract",
    "build_contract",
    "from_anthropic",
    "from_claude_code",
    "from_google_genai",
    "from_langchain",
    "from_litellm",
    "from_openai_chat",
    "from_openai_responses",
    "from_pydantic_ai",
    "from_response",
]

# Public name → its module, imported when first asked for: the model brings pydantic, which the cold command
# line has no need of.
_HOMES = {
    "ContractError": "errors",
    "Turn": "turn",
    "UsageContract": "model",
    "build_contract": "openclaw",
    "from_claude_code": "claude_code",
    **dict.fromkeys(
        (
            "from_anthropic",
            "from_google_genai",
            "from_langchain",
            "from_litellm",
            "from_openai_chat",
            "from_openai_responses",
            "from_pydantic_ai",
            "from_response",
        ),
        "answers",
    ),
}

__getattr__, __dir__ = lazily(globals(), _HOMES)
