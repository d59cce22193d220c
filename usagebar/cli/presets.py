"""`usagebar presets`: the templates to start from, each with what it shows."""

from __future__ import annotations

import sys

from usagebar.cli.options import Command, Option, Options, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from usagebar.cli.terminal import Painter

COMMAND = Command(
    "presets",
    "List the templates to start from, or print one.",
    operands="[NAME]",
    most_operands=1,
    options=(Option("--json", "write the list as JSON: name, summary, turn, footer"),),
    details=(
        "Each is shown by its footer for a sample turn: the one of its own name, else the typical one. In a terminal\n"
        "it is the footer for a terminal, elsewhere the one for any surface that the template does not name."
    ),
    examples=(
        ("usagebar presets", "what there is"),
        ("usagebar presets compact", "the text of one"),
        ("usagebar init --preset compact", "writes it to usagebar.jsonc"),
    ),
)

INDENT = "    "


def run(options: Options) -> int:
    """Run the command."""
    from usagebar.template.presets import preset_names, preset_text  # noqa: PLC0415 - help needs none of it

    if not options.operands:
        return _list(as_json=options.has("--json"))
    (name,) = options.operands
    if wrong := unknown_preset(name, preset_names()):
        return _failed(wrong)
    if options.has("--json"):
        return _failed("expected no preset beside --json, which is of the list\nhelp: usagebar presets --help")
    sys.stdout.buffer.write(preset_text(name).encode())
    return 0


def unknown_preset(name: str, names: Sequence[str]) -> str:
    """Say that a name is none of the presets', `""` if it is one."""
    if name in names:
        return ""
    return f"expected a preset, found {name!r}{nearest(name, names)}\nhelp: the presets are {', '.join(names)}"


def _list(*, as_json: bool) -> int:
    from usagebar.cli.terminal import Painter, shows_colours  # noqa: PLC0415 - as above
    from usagebar.describe import presets  # noqa: PLC0415 - as above

    if as_json:
        import json  # noqa: PLC0415 - as above

        print(json.dumps(presets(), indent=2, ensure_ascii=False))
        return 0
    colours = shows_colours(sys.stdout)
    print(listing(presets("terminal" if colours else None), Painter(colours=colours)), end="")
    return 0


def listing(found: Sequence[dict[str, str]], paint: Painter) -> str:
    """Return the list of presets for people: each with its footer, a blank line between two."""
    return "\n".join(_entry(preset, paint) for preset in found)


def _entry(preset: dict[str, str], paint: Painter) -> str:
    footer = "".join(f"{INDENT}{line}\n" for line in preset["footer"].split("\n"))
    return f"{paint(preset['name'], ['bold'])}  {paint(preset['summary'], ['dim'])}\n{footer}"


def _failed(message: str) -> int:
    print(f"usagebar presets: {message}", file=sys.stderr)
    return 2
