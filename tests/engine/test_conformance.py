"""Every case of the format's conformance files: equal bytes or wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import usagebar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent.parent / "conformance"
COUNTS = {"engine-v1.json": 500, "borders-v1.json": 109}
SHARED = ("schema", "scales", "aliases")
FILES = {name: json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in COUNTS}


def whole_template(file: dict[str, Any], vector: dict[str, Any]) -> dict[str, Any]:
    merged = {key: file[key] for key in SHARED} | vector["template"]
    return {key: value for key, value in merged.items() if not (key in SHARED and value is None)}


def vectors() -> Iterator[Any]:
    for name, file in FILES.items():
        for index, vector in enumerate(file["vectors"]):
            note = vector.get("note", "drawn at random")
            case = (whole_template(file, vector), vector["contract"], vector["expected"])
            yield pytest.param(*case, id=f"{name.partition('-')[0]}-{index}-{note}")


def as_text(template: dict[str, Any]) -> bytes:
    return json.dumps(template).encode()


@pytest.mark.parametrize("found_as", [dict, as_text])
@pytest.mark.parametrize(("template", "contract", "expected"), list(vectors()))
def test_case(
    template: dict[str, Any], contract: dict[str, Any], expected: str, found_as: Callable[[dict[str, Any]], object]
) -> None:
    bar = usagebar.load(found_as(template))
    assert not bar.is_builtin
    assert bar.render(contract) == expected


@pytest.mark.parametrize("name", COUNTS)
def test_the_file_holds_all_its_cases(name: str) -> None:
    file = FILES[name]
    assert len(file["vectors"]) == COUNTS[name]
    assert set(SHARED) <= set(file)
    assert all({"template", "contract", "expected"} <= set(vector) for vector in file["vectors"])


def test_every_border_says_what_it_is_about() -> None:
    assert all(vector["note"] for vector in FILES["borders-v1.json"]["vectors"])
