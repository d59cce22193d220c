"""Show every template of this folder, and every preset, over every turn: on the default and on each surface it names.

python examples/render_all.py            print them
python examples/render_all.py --write    write them to footers/, which a test compares
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import usagebar
from usagebar.template.presets import preset_names, preset_text

HERE = Path(__file__).parent


def templates() -> Iterator[tuple[str, str]]:
    """Walk the templates: the name of each, as that of its file in footers/, and its text."""
    for path in sorted((HERE / "templates").glob("*.jsonc")):
        yield path.stem, path.read_text("utf-8")
    for name in preset_names():
        yield f"presets/{name}", preset_text(name)


def footers_of(template: str) -> str:
    """Return a template's footers, each under a line that names its turn and surface."""
    bar = usagebar.parse(template)
    shown = []
    for turn in sorted((HERE / "turns").glob("*.json")):
        contract = json.loads(turn.read_text("utf-8"))
        shown += [
            f"## {turn.stem} on {surface or 'any other'}\n{bar.render(contract, surface)}"
            for surface in (*bar.surfaces, "")
        ]
    return "\n\n".join(shown) + "\n"


def main(words: list[str]) -> None:
    """Print or write the footers of all templates."""
    for name, text in templates():
        footers = footers_of(text)
        if words == ["--write"]:
            (HERE / "footers" / f"{name}.txt").write_bytes(footers.encode())
        else:
            print(f"# {name}\n\n{footers}")


if __name__ == "__main__":
    main(sys.argv[1:])
