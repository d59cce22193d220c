"""Small immutable records: what `dataclasses` gives, without its import time on the cold command line."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    RecordT = TypeVar("RecordT", bound="Record")
else:

    def dataclass_transform(**_):  # noqa: D103 - it stands for typing's
        return lambda cls: cls


@dataclass_transform(frozen_default=True)
class Record:
    """Base of frozen values whose fields are the class's annotations, in their order.

    Equality, hash and `repr` read the fields, except those that a class names in `_unseen` for equality and hash:
    where a node stood in its source does not make it another node.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _compared: ClassVar[tuple[str, ...]] = ()
    _names: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()
    _unseen: ClassVar[tuple[str, ...]] = ("span",)

    def __init_subclass__(cls) -> None:
        # Not inspect.get_annotations: it is slow to import, and this class's own are just these.
        annotations = vars(cls).get("__annotations__", {})
        own = [name for name, kind in annotations.items() if not str(kind).startswith("ClassVar")]
        cls._fields = cls.__mro__[1]._fields + tuple(own)  # type: ignore[attr-defined]
        cls._compared = tuple(name for name in cls._fields if name not in cls._unseen)
        cls._names = frozenset(cls._fields)
        cls._required = frozenset(name for name in cls._fields if not hasattr(cls, name))

    def __init__(self, *values: Any, **named: Any) -> None:
        if not named and len(values) == len(self._fields):  # a template has many nodes
            self.__dict__.update(zip(self._fields, values, strict=True))
            return
        if not values and self._required <= named.keys() <= self._names:  # and so has a turn
            self.__dict__.update(named)
            return
        given = dict(zip(self._fields, values, strict=False))
        if len(values) > len(self._fields) or given.keys() & named.keys():
            raise TypeError(f"{type(self).__name__}: expected a value each for {self._fields}, found more")
        named |= given
        for name in self._fields:
            if name in named:
                object.__setattr__(self, name, named.pop(name))
            elif not hasattr(self, name):
                raise TypeError(f"{type(self).__name__}: expected a value for {name!r}, found none")
        if named:
            raise TypeError(f"{type(self).__name__}: expected the fields {self._fields}, found {sorted(named)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def _key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._compared)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({fields})"


def replaced(record: RecordT, **fields: object) -> RecordT:
    """Return the same record with other values in some of its fields."""
    return type(record)(**{name: getattr(record, name) for name in record._fields} | fields)
