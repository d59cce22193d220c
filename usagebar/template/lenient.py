"""JSON5, for what the JSONC reader refuses: single quotes, bare keys, hexadecimal numbers, …"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_BYTES = 16 * 1024  # the library needs seconds for more


class NotJson5(ValueError):  # noqa: N818 - the JSONC reader's complaint is the one that is shown
    """The text is not JSON5 either, or too long to ask."""


def decode_json5(text: str) -> Any:
    """Return the value of JSON5 text of at most 16 KiB.

    Raises:
        NotJson5: it is longer, or no JSON5.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise NotJson5("too long")
    import json5  # noqa: PLC0415 - ordinary JSONC must not wait for its import

    try:
        return _paired(json5.loads(text))
    except (ValueError, RecursionError) as error:
        raise NotJson5(str(error)) from None


def _paired(value: Any) -> Any:
    """Join the surrogates that escapes wrote as two code units (`\\ud83c\\udf11`); json5 leaves them apart."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, dict):
        return {_paired(key): _paired(each) for key, each in value.items()}
    return [_paired(each) for each in value] if isinstance(value, list) else value
