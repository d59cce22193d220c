"""`usagebar describe`: the template language, for people and, as JSON, for agents and editors."""

from __future__ import annotations

import sys

from usagebar.cli.options import Command, Option, Options, nearest
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from usagebar.cli.terminal import Painter

COMMAND = Command(
    "describe",
    "Tell the template language: the document, pieces, verbs, contract paths, surfaces, findings.",
    operands="[SECTION...]",
    options=(Option("--json", "write it as JSON, for agents and editors"),),
    details=(
        "Without a SECTION it is all of them: document, expression, piece, forms, guards, verbs, scales, aliases,\n"
        "paths, surfaces, findings, presets, samples. With --json they are the members of one object; later versions\n"
        "add members and rename none."
    ),
    examples=(
        ("usagebar describe verbs", "every verb with its rule and examples"),
        ("usagebar describe paths", "what a template can show"),
        ("usagebar describe --json", "the whole language, for a program that writes templates"),
    ),
)

WIDTH = 100  # where the terminal does not say its own


class Entry(Record):
    """What is told of one thing: its name, what kind of thing it is, sentences to wrap, and lines as they are."""

    name: str
    kind: str = ""
    sentences: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def run(options: Options) -> int:
    """Run the command."""
    from usagebar.describe import SECTIONS, description  # noqa: PLC0415 - help needs none of it

    for name in options.operands:
        if name not in SECTIONS:
            return _failed(f"expected a section, found {name!r}{nearest(name, list(SECTIONS))}", SECTIONS)
    (_write_json if options.has("--json") else _write_text)(description(options.operands))
    return 0


def _write_json(found: dict[str, Any]) -> None:
    import json  # noqa: PLC0415 - as in run

    print(json.dumps(found, indent=2, ensure_ascii=False))


def _write_text(found: dict[str, Any]) -> None:
    from usagebar.cli.terminal import Painter, columns, shows_colours  # noqa: PLC0415 - as in run

    paint = Painter(colours=shows_colours(sys.stdout))
    width = columns(sys.stdout) or WIDTH
    shown = []
    for name, section in list(found.items())[1:]:  # behind the name of the language
        entries = _ENTRIES.get(name, _named)(section)
        shown.append("\n".join([paint(name.upper(), ["bold"]), *(_drawn(entry, paint, width) for entry in entries)]))
    print("\n\n".join(shown))


def _drawn(entry: Entry, paint: Painter, width: int) -> str:
    from textwrap import wrap  # noqa: PLC0415 - as in run

    head = "  " + paint(entry.name, ["cyan"]) + (paint(f"  {entry.kind}", ["dim"]) if entry.kind else "")
    # A sentence is never narrower than a word or two, however narrow the window is.
    wrapped = [line for sentence in entry.sentences for line in wrap(sentence, max(width - 6, 20))]
    return "\n".join([head, *(f"      {line}" for line in (*wrapped, *entry.lines))])


# ---------------------------------------------------------------- the entries of each section


def _named(section: list[dict[str, Any]]) -> Iterator[Entry]:
    """Walk the entries of a section that says one thing of each name."""
    for member in section:
        name, says = (next(member[key] for key in keys if key in member) for keys in (_NAMES, _MEANINGS))
        yield Entry(name, member.get("severity", ""), (says.partition("\n")[0],))


_NAMES = ("name", "path", "key", "code")
_MEANINGS = ("meaning", "summary")


def _expression(section: dict[str, Any]) -> Iterator[Entry]:
    yield Entry(section["form"], "", (*section["rules"], section["number"]), ("", *section["grammar"]))


def _forms(section: list[dict[str, Any]]) -> Iterator[Entry]:
    for form in section:
        yield Entry(form["name"], form["summary"], (form["rule"],), (_json(form["example"]),))


def _verbs(section: list[dict[str, Any]]) -> Iterator[Entry]:
    for verb in section:
        arguments = [_argument(argument) for argument in verb["arguments"]]
        examples = [
            f"{_json(each['value'])} {each['expression']} → {each['result'] or 'nothing'}" for each in verb["examples"]
        ]
        yield Entry(verb["call"], verb["summary"], (verb["rule"], *arguments), tuple(examples))


def _argument(argument: dict[str, Any]) -> str:
    said = f"{argument['name'].upper()}: {argument['meaning']}"
    if argument["required"]:
        return said
    return f"{said}, {argument['minimum']} to {argument['maximum']}, {argument['default']} if not given"


def _data(section: dict[str, Any]) -> Iterator[Entry]:
    for name, value in section.items():
        yield Entry(name, "", (), (_json(value),))


def _paths(section: list[dict[str, Any]], within: str = "") -> Iterator[Entry]:
    for field in section:
        values = f": {', '.join(field['values'])}" if field["values"] else ""
        yield Entry(within + field["path"], field["type"] + values, (field["meaning"],))
        yield from _paths(field.get("elements", []), f"{field['path']} → ")


def _surfaces(section: list[dict[str, Any]]) -> Iterator[Entry]:
    for surface in section:
        each_line = " a line" if surface["each_line"] else ""
        limit = "no limit" if surface["limit"] is None else f"{surface['limit']} {surface['unit']}{each_line}"
        says = {"small print": surface["small_print"], "note": surface["note"], "modes": ", ".join(surface["modes"])}
        told = tuple(f"{name}: {text}" for name, text in says.items() if text)
        yield Entry(surface["name"], limit, told)


def _presets(section: list[dict[str, Any]]) -> Iterator[Entry]:
    for preset in section:
        yield Entry(preset["name"], "", (preset["summary"],), tuple(preset["footer"].split("\n")))


_ENTRIES: dict[str, Any] = {
    "expression": _expression,
    "forms": _forms,
    "guards": _forms,
    "verbs": _verbs,
    "scales": _data,
    "aliases": _data,
    "paths": _paths,
    "surfaces": _surfaces,
    "presets": _presets,
}


def _json(value: Any) -> str:
    import json  # noqa: PLC0415 - as in run

    return json.dumps(value, ensure_ascii=False)


def _failed(message: str, sections: dict[str, Any]) -> int:
    print(f"usagebar describe: {message}\nhelp: the sections are {', '.join(sections)}", file=sys.stderr)
    return 2
