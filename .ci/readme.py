"""What README.md shows and is generated: its picture, and the parts made from the tables of the package.

Each part stands between two markers:

    <!-- verbs -->
    …
    <!-- /verbs -->

python .ci/readme.py --check    exit code 1 if one of them is not current
python .ci/readme.py --write    bring them up to date
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import usagebar
from usagebar import describe
from usagebar.cli.presets import listing
from usagebar.cli.previews.data import shown
from usagebar.cli.previews.svg import as_svg
from usagebar.cli.previews.turns import chosen, turns_of
from usagebar.cli.terminal import Painter
from usagebar.record import replaced
from usagebar.template.presets import preset_names, preset_text
from usagebar.template.reading import examine

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PICTURE = ROOT / "examples" / "preview.svg"
REGION = re.compile(r"^<!-- ([\w-]+) -->\n(.*?)^<!-- /\1 -->$", re.DOTALL | re.MULTILINE)


def current(text: str) -> str:
    """Return the README's text with every generated part as it should be.

    Raises:
        ValueError: a part has no place in it, or a place is of no part.
    """
    found = [match[1] for match in REGION.finditer(text)]
    if sorted(found) != sorted(PARTS):
        raise ValueError(f"expected one part each of {sorted(PARTS)}, found {sorted(found)}")
    return REGION.sub(lambda match: f"<!-- {match[1]} -->\n{PARTS[match[1]]()}<!-- /{match[1]} -->", text)


# ---------------------------------------------------------------- the parts


def verbs() -> str:
    """Return the verbs: call, rule, examples."""
    rows = [(code(verb["call"]), verb["rule"], ", ".join(_examples(verb))) for verb in describe.verbs()]
    return table(("Verb", "Shows", "Examples"), rows)


def _examples(verb: dict[str, Any]) -> Iterator[str]:
    for example in verb["examples"]:
        expression = example["expression"].replace("{value|", "{v|")
        of = "" if expression == f"{{v|{verb['name']}}}" else f"{code(expression)} of "
        if example["result"]:
            yield of + code(f"{_json(example['value'])} → {example['result']}")


def pieces() -> str:
    """Return the forms of a piece and the guards: keys, rule, an example."""
    forms = [(_keys(form), form["rule"], code(_json(form["example"]))) for form in describe.forms()]
    guards = [(f"+ {code(guard['name'])}", guard["rule"], code(_json(guard["example"]))) for guard in describe.guards()]
    return table(("Piece", "Shows", "Example"), [*forms, *guards])


def _keys(form: dict[str, Any]) -> str:
    required = ", ".join(map(code, form["required"]))
    optional = ", ".join(map(code, form["optional"]))
    return f"{required}; {optional}" if optional else required


def paths() -> str:
    """Return the paths used most: those that more than one of the built-in template and the presets read."""
    bars = [usagebar.load(), *(usagebar.parse(preset_text(name)) for name in preset_names())]
    used = Counter(path for bar in bars for path in _read(bar))
    return _path_table(path for path in describe.paths() if used[path["path"]] > 1)


def _read(bar: usagebar.UsageBar) -> set[str]:
    return {path for surface in (None, *bar.surfaces) for path in bar.variables(surface)}


def all_paths() -> str:
    """Return every path of the contract."""
    return _path_table(path for path in describe.paths() if path["type"] != "object")


def _path_table(found: Iterable[dict[str, Any]]) -> str:
    return table(("Path", "Type", "Is"), [row for path in found for row in _path_rows(path, "")])


def _path_rows(path: dict[str, Any], within: str) -> Iterator[tuple[str, ...]]:
    yield within + code(path["path"]), path["type"], path["meaning"]
    for element in path.get("elements", ()):
        yield from _path_rows(element, f"{code(path['path'])} → ")


def surfaces() -> str:
    """Return what each surface takes."""
    rows = [
        (code(surface["name"]), _limit(surface), surface["small_print"], surface["note"])
        for surface in describe.surfaces()
    ]
    return table(("Surface", "Takes", "Small print", "Note"), rows)


def _limit(surface: dict[str, Any]) -> str:
    if surface["limit"] is None:
        return "any length"
    return f"{surface['limit']} {surface['unit']}{' a line' if surface['each_line'] else ''}"


def findings() -> str:
    """Return the codes of the check."""
    rows = [(code(each["code"]), each["severity"], each["meaning"]) for each in describe.findings()]
    return table(("Code", "Severity", "Means"), rows)


def presets() -> str:
    """Return what `usagebar presets` prints, as a console session."""
    return f"```console\n$ usagebar presets\n{listing(describe.presets(), Painter(colours=False))}```\n"


PARTS: dict[str, Callable[[], str]] = {
    "verbs": verbs,
    "pieces": pieces,
    "paths": paths,
    "all-paths": all_paths,
    "surfaces": surfaces,
    "findings": findings,
    "presets": presets,
}


def picture() -> str:
    """Return the picture: what the built-in template shows on Discord and elsewhere, for a few turns."""
    turns, _ = turns_of(chosen(["typical", "fallback", "over-full"]))
    outcome = replaced(examine(usagebar.BUILTIN), name="the built-in template")
    return as_svg(shown(outcome, turns, ["discord", "terminal"], None))


# ---------------------------------------------------------------- Markdown


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table, between blank lines."""
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", r"\|") for cell in row) for row in rows)]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def code(text: str) -> str:
    """Return a text set as code."""
    return f"`{text}`"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def main(words: list[str]) -> int:
    """Check or write the README and its picture."""
    if words not in (["--check"], ["--write"]):
        print(f"expected --check or --write, found {' '.join(words) or 'nothing'}", file=sys.stderr)
        return 2
    wanted = {README: current(README.read_text("utf-8")), PICTURE: picture()}
    stale = {path: text for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text}
    for path, text in stale.items():
        if words == ["--check"]:
            print(f"{path.name} is not current\nhelp: python .ci/readme.py --write", file=sys.stderr)
        else:
            path.write_bytes(text.encode())
            print(f"wrote {path.name}")
    return 1 if stale and words == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
