"""`Record`: frozen values."""

from __future__ import annotations

import copy
import pickle
from typing import ClassVar

import pytest

from usagebar.record import Record, replaced


class Point(Record):
    x: int
    y: int = 0
    span: tuple[int, int] = (0, 0)
    shared: ClassVar[int] = 5

    def shifted(self, by: int) -> Point:
        return replaced(self, x=self.x + by)


class Named(Point):
    name: str = ""
    _unseen = ("name",)


class Bare(Record):
    """A record without fields."""


def test_fields_are_given_by_place_or_by_name() -> None:
    assert (Point(1).x, Point(1).y, Point(1, 2).y, Point(x=1, y=3).y, Point(1, y=4).y) == (1, 0, 2, 3, 4)
    assert Named(1, 2, (0, 0), "n").name == "n"
    assert Bare() == Bare()


def test_equality_and_hash_leave_out_what_a_class_does_not_compare() -> None:
    assert Point(1, 2, (3, 4)) == Point(1, 2)
    assert hash(Point(1, 2, (3, 4))) == hash(Point(1, 2))
    assert Point(1, 2) != Point(1, 3)
    assert Named(1, name="a") == Named(1, name="b")
    assert Named(1, span=(0, 1)) != Named(1)


def test_another_class_is_another_record() -> None:
    assert Named(1) != Point(1)
    assert Point(1) != (1, 0)
    assert hash(Named(1)) != hash(Point(1))


def test_a_record_prints_all_its_fields() -> None:
    assert repr(Point(1, 2, (3, 4))) == "Point(x=1, y=2, span=(3, 4))"
    assert repr(Bare()) == "Bare()"


def test_a_record_is_immutable() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="Point is immutable"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Point is immutable"):
        point.other = 2
    with pytest.raises(AttributeError, match="Point is immutable"):
        del point.x
    assert point == Point(1)


def test_wrong_fields_are_refused() -> None:
    with pytest.raises(TypeError, match="Point: expected a value for 'x', found none"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Point: expected the fields .*, found \['z'\]"):
        Point(1, z=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"expected a value each for .*, found more"):
        Point(1, 2, (0, 0), 4)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="found more"):
        Point(1, x=2)  # type: ignore[misc]
    with pytest.raises(TypeError, match="found more"):
        Bare(1)


def test_replaced_changes_some_fields_only() -> None:
    assert Point(1, 2, (3, 4)).shifted(5) == Point(6, 2)
    assert Point(1, 2, (3, 4)).shifted(5).span == (3, 4)
    assert type(replaced(Named(1), name="n")) is Named


def test_a_record_is_copied_and_pickled() -> None:
    point = Named(1, 2, (3, 4), "n")
    for twin in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert twin == point
        assert repr(twin) == repr(point)
