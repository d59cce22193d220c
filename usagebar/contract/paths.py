"""Every path of the contract `openclaw.usageLine.v1`, with its type and meaning, read from the pydantic models.

The check, the descriptions and the JSON Schema's completions ask here which paths a template can name.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from usagebar.contract.model import UsageContract
from usagebar.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string"}


class Field(Record):
    """One path: `kind` is `string`, `boolean`, `integer`, `number`, `object` or `array`.

    `elements` are the paths inside one element of an array, as the `item` of an `each` names them; `values` are all
    that a string may be, where that is settled.
    """

    path: str
    kind: str
    meaning: str
    examples: tuple[Any, ...] = ()
    values: tuple[str, ...] = ()
    elements: tuple[Field, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether the path leads to a single value, which has a text, and not to an object or an array."""
        return self.kind not in ("object", "array")


@cache
def contract_fields() -> tuple[Field, ...]:
    """Return the fields of the contract in the order of its model, each object before what it holds."""
    return tuple(_fields(UsageContract, ""))


def _fields(model: type[BaseModel], prefix: str) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        path = prefix + (info.alias or name)
        yield _field(path, info.annotation, info.description or "", tuple(info.examples or ()))
        inner = _base(info.annotation)
        if _is_model(inner):
            yield from _fields(inner, f"{path}.")


def _field(path: str, annotation: Any, meaning: str, examples: tuple[Any, ...]) -> Field:
    base = _base(annotation)
    if _is_model(base):
        return Field(path, "object", meaning, examples)
    if get_origin(base) is list:
        return Field(path, "array", meaning, examples, elements=tuple(_fields(_base(get_args(base)[0]), "")))
    if get_origin(base) is Literal:
        return Field(path, "string", meaning, examples, values=get_args(base))
    return Field(path, _KINDS[base], meaning, examples)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _base(annotation: Any) -> Any:
    """Return an annotation without `None` and `Annotated`."""
    if hasattr(annotation, "__metadata__"):
        return _base(annotation.__origin__)
    rest = [each for each in get_args(annotation) if each is not type(None)]
    if type(None) in get_args(annotation) and len(rest) == 1:
        return _base(rest[0])
    return annotation
