"""The text or mapping that prices are read from, and complaints that name the place in it."""

from __future__ import annotations

import os
import stat
from _collections_abc import Mapping

from usagebar.figures import dollars
from usagebar.pricing.errors import PriceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from usagebar.engine.pieces import Place

# LiteLLM's list has 3 MB.
MAX_BYTES = 32 * 1024 * 1024
_SHOWN = 40  # characters of a wrong value that a message repeats


class Document:
    """Hold a decoded document, what its user calls it, and its text, if it was one."""

    def __init__(self, name: str, value: Any, text: str | None = None) -> None:
        self.name = name
        self.value = value
        self._text = text

    @property
    def label(self) -> str:
        """The last part of its name."""
        return os.path.basename(self.name) or self.name

    def refuse(self, place: Place, message: str) -> NoReturn:
        """Raise `PriceError` about the value at a place, with line and column if there is a text."""
        from usagebar.template.findings import Finding, located  # noqa: PLC0415 - only to report

        found = located([Finding("wrong-type", message, place)], self._text)[0]
        numbers = [str(number) for number in (found.line, found.column) if number is not None]
        raise PriceError(f"{':'.join([self.name, *numbers])}: {message} ({found.path})")

    def members(self, place: Place, value: object, what: str) -> dict[str, Any]:
        """Return the members of an object; `PriceError` if it is none, or has keys that are no strings."""
        if not isinstance(value, Mapping):
            self.refuse(place, f"expected {what} (an object), found {named(value)}")
        for key in value:
            if not isinstance(key, str):
                self.refuse(place, f"expected strings as keys, found {named(key)}")
        return dict(value)

    def price(self, place: Place, model: str, value: object) -> float:
        """Return a price as a float; `PriceError` naming model and key if it is none."""
        price = dollars(value)
        if price is None:
            key = ".".join(str(step) for step in place[-1:])
            self.refuse(place, f"{model!r}, {key}: expected a price (a finite number ≥ 0), found {named(value)}")
        return price


def named(value: object) -> str:
    """Name a value that is not what was expected, numbers and short strings as they are."""
    from usagebar.engine.shape import kind_of  # noqa: PLC0415 - only to report

    if isinstance(value, float) or (type(value) is int and abs(value) < 10**_SHOWN):
        return str(value)
    return f"{kind_of(value)} ({value!r})" if isinstance(value, str) and len(value) <= _SHOWN else kind_of(value)


def read_document(path: str | os.PathLike[Any], *, optional: bool = False) -> Document | None:
    """Return the document of a file of JSON, JSONC or JSON5 text.

    None if it is `optional` and there is no such file, or nothing in it.
    Raises `PriceError` with file, line and column for whatever cannot be read.
    """
    name = _path(path)
    data = _bytes(name, optional=optional)
    if data is None:
        return None
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        found = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise PriceError(f"{name}: expected UTF-8, found {found}") from None
    if optional and _is_blank(text):
        return None
    return Document(name, _decoded(name, text), text)


def _path(path: str | os.PathLike[Any]) -> str:
    try:
        return os.path.expanduser(os.fsdecode(path))
    except ValueError:  # a user's name that no system can have
        return os.fsdecode(path)


def _bytes(name: str, *, optional: bool) -> bytes | None:
    try:
        # Looked at before it is opened: a named pipe would block.
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise PriceError(f"{name}: expected a regular file, found something else")
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if optional:
            return None
        raise PriceError(f"{name}: expected a file of prices, found none") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PriceError(f"{name}: expected a readable file, found: {reason}") from None
    except ValueError as error:
        if isinstance(error, PriceError):
            raise
        raise PriceError(f"{name!r}: expected a path, found one that no file can have") from None
    if len(data) > MAX_BYTES:
        raise PriceError(f"{name}: expected at most {MAX_BYTES} bytes, found more")
    return data


def _is_blank(text: str) -> bool:
    from usagebar.template.source import significant  # noqa: PLC0415 - the price list may be optional

    return significant(text) == len(text)


def _decoded(name: str, text: str) -> Any:
    from usagebar.template.reading import Refused, decode_text  # noqa: PLC0415 - as above

    try:
        return decode_text(text)
    except Refused as refused:
        from usagebar.template.findings import located  # noqa: PLC0415 - only to report

        found = located([refused.finding], text)[0]
        raise PriceError(f"{name}:{found.line}:{found.column}: {found.message}") from None
