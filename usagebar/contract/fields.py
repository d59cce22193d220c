"""What a provider's answer is made of, read the same way from a dict and from an SDK's object."""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.contract.errors import ContractError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Fields(Protocol):
        """The fields of an object, by name; None stands for one that is absent."""

        def get(self, name: str, /) -> Any:
            """Return the value of a field."""

        def __contains__(self, name: object, /) -> bool: ...


_SINGLE = (str, bytes, bytearray, int, float, complex, list, tuple, set, frozenset, type(None))
# How objects of a class are read, found out once a class.
_SINGLE_VALUE, _MAPPING, _PYDANTIC, _DATACLASS, _OTHER = range(5)
_ways: dict[type, int] = {}
_MOST_WAYS = 1000
_NONE: Fields = {}
_MOST_NAMES = 12
_MOST_CHARS = 40


class _Attributes:
    """The attributes of any object; one that raises is an error that says which, not an absent field."""

    def __init__(self, value: object) -> None:
        self._value = value

    def get(self, name: str, /) -> Any:
        try:
            return getattr(self._value, name, None)
        except Exception as error:
            raise _unreadable(self._value, name, error) from error

    def __contains__(self, name: object, /) -> bool:
        return self.get(str(name)) is not None

    def names(self) -> list[str]:
        return [name for name in dir(self._value) if not name.startswith("_")]


class _Items:
    """The items of a mapping that is no dict: whatever its methods raise is told as an error of the payload."""

    def __init__(self, value: Mapping[Any, Any]) -> None:
        self._value = value

    def get(self, name: str, /) -> Any:
        try:
            return self._value.get(name)
        except Exception as error:
            raise _unreadable(self._value, name, error) from error

    def __contains__(self, name: object, /) -> bool:
        return self.get(str(name)) is not None

    def names(self) -> list[object]:
        return list(self._value)


def fields_of(value: object) -> Fields | None:
    """Return the fields of an object or mapping; None for what has none: text, a number, a list, None.

    Pydantic models, dataclasses and plain namespaces are read from where they keep their values, anything else
    attribute by attribute.
    """
    kind = type(value)
    if kind is dict:
        return value  # type: ignore[return-value]
    way = _ways.get(kind)
    if way is None:
        way = _way_of(kind)
    if way == _SINGLE_VALUE:
        return None
    if way == _PYDANTIC:
        extra = getattr(value, "__pydantic_extra__", None)  # one that was made without its constructor has none
        return {**extra, **value.__dict__} if extra else value.__dict__
    if way == _DATACLASS:
        return value.__dict__
    return _Items(value) if way == _MAPPING else _Attributes(value)  # type: ignore[arg-type]


def _way_of(kind: type) -> int:
    # Not isinstance(): that asks the object itself what it is, and a hostile one may raise.
    if issubclass(kind, _SINGLE):
        way = _SINGLE_VALUE
    elif issubclass(kind, Mapping):
        way = _MAPPING
    elif hasattr(kind, "__pydantic_fields__"):
        way = _PYDANTIC
    else:
        way = _DATACLASS if _keeps_its_values(kind) else _OTHER
    if len(_ways) >= _MOST_WAYS:  # classes that are made anew all the time
        _ways.clear()
    _ways[kind] = way
    return way


def _keeps_its_values(kind: type) -> bool:
    """Tell whether a class is a dataclass whose fields are all there is to read: a run's result has properties too."""
    own = getattr(kind, "__dataclass_fields__", None)
    return own is not None and not hasattr(kind, "__slots__") and ("usage" in own or not hasattr(kind, "usage"))


def inner(fields: Fields, name: str) -> Fields:
    """Return the fields of a field's value; no fields if it has none."""
    value = fields.get(name)
    return _NONE if value is None else fields_of(value) or _NONE


def listed(value: object) -> list[Fields]:
    """Return the fields of each object of a list; none if it is no list."""
    if value is None or not isinstance(value, list | tuple):
        return []
    return [fields for each in value if (fields := fields_of(each)) is not None]


def first_of(fields: Fields, *names: str) -> object:
    """Return the value of the first of these fields that is there and not None."""
    for name in names:
        if (value := fields.get(name)) is not None:
            return value
    return None


def described(value: object) -> str:
    """Return what was found in place of something else: its kind, and what keys or attributes it has."""
    kind = type(value).__name__
    fields = fields_of(value)
    if fields is None:
        return kind
    if isinstance(fields, dict):
        is_dict, names = type(value) is dict, list(fields)
    else:
        is_dict, names = isinstance(fields, _Items), _names(fields)
    what = "keys" if is_dict else "attributes"
    return f"{kind} with the {what} {_listed(names)}" if names else f"{kind} without {what}"


def _names(fields: Any) -> list[Any]:
    try:
        names: list[Any] = fields.names()
    except Exception:  # noqa: BLE001 - this is for an error's message, which tells what could be found out
        return []
    return names


def _listed(names: list[Any]) -> str:
    from usagebar.diagnostics import visible  # noqa: PLC0415 - only for an error

    shown = [visible(name[:_MOST_CHARS]) if isinstance(name, str) else type(name).__name__ for name in names]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(shown[:_MOST_NAMES]) + more


def _unreadable(value: object, name: str, error: Exception) -> ContractError:
    kind = type(value).__name__
    return ContractError(f"expected {kind}.{name} to be readable, found that it raises {type(error).__name__}")
