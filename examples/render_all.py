"""Show every template of this folder over every turn, on the default and on each surface that the template names.

python examples/render_all.py            print them
python examples/render_all.py --write    write them to footers/, which a test compares
"""

import json
import sys
from pathlib import Path

import usagebar

HERE = Path(__file__).parent


def footers_of(template: Path) -> str:
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
    for template in sorted((HERE / "templates").glob("*.jsonc")):
        footers = footers_of(template)
        if words == ["--write"]:
            (HERE / "footers" / f"{template.stem}.txt").write_bytes(footers.encode())
        else:
            print(f"# {template.name}\n\n{footers}")


if __name__ == "__main__":
    main(sys.argv[1:])
