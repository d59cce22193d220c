"""Records: frozen values whose fields are the annotations of their class."""

from __future__ import annotations

import copy
import pickle
from typing import Any, ClassVar

import pytest

from usagebar.record import Record, replaced


class Point(Record):
    x: int
    y: int = 0


class Named(Point):
    _private: ClassVar[str] = "no field"
    kind: ClassVar = "point"

    name: str = ""

    def shown(self) -> str:
        return f"{self.name}({self.x}, {self.y})"


class Spanned(Record):
    text: str
    span: tuple[int, int] = (0, 0)


class Noted(Record):
    _unseen: ClassVar[tuple[str, ...]] = ("note",)

    span: int
    note: str = ""


class Empty(Record):
    pass


class Child(Spanned):
    children: tuple[Spanned, ...] = ()


def build(kind: type[Any], /, *values: object, **named: object) -> Any:
    """Call a class with what its signature forbids."""
    return kind(*values, **named)


# ---------------------------------------------------------------- making


def test_fields_are_given_by_place_or_by_name() -> None:
    for point in (Point(1, 2), Point(1, y=2), Point(x=1, y=2), Point(y=2, x=1)):
        assert (point.x, point.y) == (1, 2)
    assert (Point(1).x, Point(1).y) == (1, 0)


def test_fields_are_the_annotations_in_their_order() -> None:
    assert Point._fields == ("x", "y")
    assert Named._fields == ("x", "y", "name")
    assert Noted._fields == ("span", "note")
    assert Empty._fields == ()
    assert Record._fields == ()


def test_what_is_compared() -> None:
    assert Spanned._compared == ("text",)
    assert Child._compared == ("text", "children")
    assert Noted._compared == ("span",)


def test_a_subclass_has_the_fields_of_its_base_first() -> None:
    named = Named(1, 2, "p")
    assert named.shown() == "p(1, 2)"
    assert named.kind == "point"
    assert Named(5).name == ""


@pytest.mark.parametrize(
    ("kind", "values", "named", "error"),
    [
        (Point, (), {}, "Point: expected a value for 'x', found none"),
        (Point, (), {"y": 1}, "Point: expected a value for 'x', found none"),
        (Point, (1, 2, 3), {}, r"Point: expected a value each for \('x', 'y'\), found more"),
        (Point, (1,), {"x": 2}, r"Point: expected a value each for \('x', 'y'\), found more"),
        (Point, (1,), {"z": 3, "a": 1}, r"Point: expected the fields \('x', 'y'\), found \['a', 'z'\]"),
        (Named, (1,), {"kind": "other"}, r"Named: expected the fields \('x', 'y', 'name'\), found \['kind'\]"),
        (Empty, (1,), {}, r"Empty: expected a value each for \(\), found more"),
        (Record, (1,), {}, r"Record: expected a value each for \(\), found more"),
    ],
)
def test_what_cannot_be_made(kind: type[Any], values: Any, named: dict[str, Any], error: str) -> None:
    with pytest.raises(TypeError, match=f"^{error}$"):
        build(kind, *values, **named)


def test_none_is_a_value() -> None:
    assert build(Point, None).x is None
    assert build(Point, 1, None).y is None


# ---------------------------------------------------------------- frozen


@pytest.mark.parametrize("name", ["x", "y", "z", "_fields"])
def test_nothing_can_be_set_or_deleted(name: str) -> None:
    point = Point(1, 2)
    with pytest.raises(AttributeError, match=r"^Point is immutable$"):
        setattr(point, name, 5)
    with pytest.raises(AttributeError, match=r"^Point is immutable$"):
        delattr(point, name)
    assert point == Point(1, 2)


def test_defaults_are_not_shared_by_a_value() -> None:
    Point(1, 7)
    assert Point(1).y == 0
    assert Point.y == 0


# ---------------------------------------------------------------- equality


def test_equal_fields_are_equal() -> None:
    assert Point(1, 2) == Point(1, y=2)
    assert hash(Point(1, 2)) == hash(Point(1, y=2))
    assert Point(1, 2) != Point(2, 1)
    assert {Point(1), Point(1, 0), Point(2)} == {Point(1), Point(2)}
    assert Empty() == Empty()
    assert Point(1) == Point(True)  # as in a tuple


def test_another_class_is_never_equal() -> None:
    class Other(Record):
        x: int
        y: int = 0

    others: list[object] = [Other(1, 2), Named(1, 2), (1, 2), None, "Point(x=1, y=2)"]
    assert all(Point(1, 2) != other and other != Point(1, 2) for other in others)
    assert len({Point(1, 2), Other(1, 2), Named(1, 2)}) == 3


def test_where_it_stood_does_not_matter() -> None:
    assert Spanned("a", (1, 2)) == Spanned("a", (3, 4))
    assert hash(Spanned("a", (1, 2))) == hash(Spanned("a"))
    assert Spanned("a", (1, 2)) != Spanned("b", (1, 2))
    assert Child("a", (0, 1), (Spanned("b", (1, 2)),)) == Child("a", (5, 6), (Spanned("b", (7, 8)),))
    assert Noted(1, "a") == Noted(1, "b")
    assert Noted(1) != Noted(2)


def test_a_field_that_has_no_hash() -> None:
    record = build(Spanned, [])
    assert record == build(Spanned, [])
    with pytest.raises(TypeError, match="unhashable"):
        hash(record)
    assert isinstance(hash(build(Noted, 1, [])), int)


# ---------------------------------------------------------------- printed, copied, replaced


def test_repr_shows_all_fields() -> None:
    assert repr(Point(1, 2)) == "Point(x=1, y=2)"
    assert repr(Named(1, name="p")) == "Named(x=1, y=0, name='p')"
    assert repr(Spanned("a", (1, 2))) == "Spanned(text='a', span=(1, 2))"
    assert repr(Empty()) == "Empty()"
    assert eval(repr(Child("a", children=(Spanned("b"),)))) == Child("a", children=(Spanned("b"),))


def test_replaced() -> None:
    named = Named(1, 2, "p")
    assert replaced(named, y=5) == Named(1, 5, "p")
    assert type(replaced(named)) is Named
    assert replaced(named) == named
    assert replaced(named) is not named
    assert replaced(Spanned("a", (1, 2)), text="b").span == (1, 2)
    assert named == Named(1, 2, "p")
    with pytest.raises(TypeError, match=r"found \['z'\]$"):
        replaced(named, z=1)


def test_copies_and_pickles() -> None:
    record = Child("a", (1, 2), (Spanned("b", (3, 4)),))
    for twin in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert twin == record
        assert repr(twin) == repr(record)
    assert hash(pickle.loads(pickle.dumps(record))) == hash(record)
    with pytest.raises(AttributeError):
        copy.copy(record).span = (0, 0)  # type: ignore[misc]


def test_matching() -> None:
    match Named(1, 2, "p"):
        case Point(x=1, y=y):
            assert y == 2
        case _:
            pytest.fail("a record matches by its fields")
