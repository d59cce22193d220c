"""Each verb at its borders: `verbs/*.json` hold a value, the verbs it goes through and the text that comes out.

A case's value is JSON, one of the Python objects below by its name, or absent.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import usagebar
from usagebar.engine.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = sorted((Path(__file__).parent / "verbs").glob("*.json"))


class Whole(int):
    pass


class Real(float):
    pass


class Words(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "not its text"

    def __repr__(self) -> str:
        return "not its text either"


class Count(IntEnum):
    ONE = 1
    MANY = 1050


class Name(StrEnum):
    X = "x"
    MANY = "1050"


class OldName(str, Enum):  # prints as OldName.X  # noqa: UP042
    X = "x"


class ForeignNumber:
    """Converts to a number, as a scalar of an array library does, and is none."""

    def __float__(self) -> float:
        return 5.0

    def __int__(self) -> int:
        return 5

    __index__ = __int__


OBJECTS: dict[str, object] = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "minus-infinity": float("-inf"),
    "negative-zero": -0.0,
    "float-1e16": 1e16,
    "float-subclass-1050": Real(1050),
    "int-subclass-1050": Whole(1050),
    "int-enum-1": Count.ONE,
    "int-enum-1050": Count.MANY,
    "int-2-53-plus-1": 2**53 + 1,
    "int-10-20": 10**20,
    "int-10-21": 10**21,
    "int-10-400": 10**400,
    "int-5000-digits": 10**5000 - 1,
    "str-subclass-x": Words("x"),
    "str-subclass-1050": Words("1050"),
    "str-enum-x": OldName.X,
    "str-enum-1050": Name.MANY,
    "text-5000-zeros-7": "0" * 5000 + "7",
    "text-point-5000-zeros-1": "0." + "0" * 5000 + "1",
    "text-1-point-5000-zeros": "1." + "0" * 5000,
    "text-400-nines": "9" * 400,
    "decimal-1": Decimal("1.0"),
    "decimal-1050": Decimal(1050),
    "decimal-0-1": Decimal("0.1"),
    "decimal-0-15": Decimal("0.15"),
    "decimal-0-25": Decimal("0.25"),
    "decimal-long": Decimal("0.1000000000000000000000000000001"),
    "decimal-minus-0": Decimal("-0"),
    "decimal-2-53-plus-1": Decimal(2**53 + 1),
    "decimal-1e21": Decimal("1e21"),
    "decimal-1e400": Decimal("1e400"),
    "decimal-nan": Decimal("NaN"),
    "decimal-snan": Decimal("sNaN"),
    "decimal-infinity": Decimal("-Infinity"),
    "fraction": Fraction(1, 2),
    "complex": 1j,
    "bytes": b"5",
    "set": {5},
    "tuple": (5,),
    "date": date(2026, 1, 1),
    "object": object(),
    "foreign-number": ForeignNumber(),
}


def contract_of(case: dict[str, Any]) -> dict[str, object]:
    if "object" in case:
        return {"v": OBJECTS[case["object"]]}
    return {"v": case["value"]} if "value" in case else {}


def cases() -> Iterator[Any]:
    for path in TABLES:
        table = json.loads(path.read_text(encoding="utf-8"))
        for index, case in enumerate(table["cases"]):
            document = {key: table[key] for key in ("scales", "aliases") if key in table}
            name = f"{path.stem}-{index}-{case['call'][:20]}-{case['note']}"
            yield pytest.param(document, case["call"], contract_of(case), case["expected"], id=name)


def shown(document: dict[str, Any], call: str, contract: dict[str, object]) -> list[str]:
    """Render a value through verbs, in a text and in an item."""
    text = f"[{{v|{call}}}]" if call else "[{v}]"
    bar = usagebar.parse(document | {"output": {"default": [{"text": text}, {"each": "l", "item": text}]}})
    return bar.pieces(contract | {"l": [contract]})


@pytest.mark.parametrize(("document", "call", "contract", "expected"), list(cases()))
def test_case(document: dict[str, Any], call: str, contract: dict[str, object], expected: str) -> None:
    assert shown(document, call, contract) == [f"[{expected}]"] * 2


def test_there_is_a_table_for_each_verb_and_every_object_is_met() -> None:
    assert set(VERBS) | {"text", "chain"} == {path.stem for path in TABLES}
    tables = [json.loads(path.read_text(encoding="utf-8")) for path in TABLES]
    assert {case.get("object") for table in tables for case in table["cases"]} - {None} == set(OBJECTS)


@pytest.mark.parametrize(("call", "expected"), [("fixed:{}3", "1.250"), ("fixed:{}101", ""), ("meter:{}2:s", "▁▁")])
@pytest.mark.parametrize("zeros", [1, 9, 10, 4300, 5000])
def test_leading_zeros_of_an_argument_do_not_count(call: str, expected: str, zeros: int) -> None:
    document = {"scales": {"s": "▁█"}}
    assert shown(document, call.format("0" * zeros), {"v": 1.25}) == [f"[{expected}]"] * 2


@pytest.mark.parametrize("verb", VERBS.values(), ids=list(VERBS))
def test_a_verb_describes_itself(verb: Any) -> None:
    assert verb.summary
    assert all(parameter.name for parameter in verb.parameters)
    assert not verb.is_custom
