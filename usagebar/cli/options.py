"""The options of a command, as data: read, checked and shown as help.

`argparse` and the `re` it needs take as long to import as the interpreter to start, and these commands run once a turn.
"""

from __future__ import annotations

from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HELP = ("-h", "--help")


class UsageError(Exception):
    """The words of a command are off; the message says which."""


class Option(Record):
    """An option with a value if it has a `metavar`, else a flag; `[=MODE]`: a value may be left out."""

    name: str  # as typed: `--template`
    help: str
    metavar: str = ""


class Command(Record):
    """A command: its name, what it does, its operands and options, and examples (command line, what it does)."""

    name: str
    summary: str
    operands: str = ""
    most_operands: int | None = None
    options: tuple[Option, ...] = ()
    details: str = ""
    examples: tuple[tuple[str, str], ...] = ()


class Options:
    """What was given: `value(name)`, `values(name)`, `has(name)`, `operands`."""

    def __init__(self) -> None:
        self.operands: list[str] = []
        self._values: dict[str, list[str]] = {}

    def add(self, name: str, value: str) -> None:
        """Keep a value of an option."""
        self._values.setdefault(name, []).append(value)

    def value(self, name: str) -> str | None:
        """Return the value of an option, the last one if it was given more than once; None if it was not given."""
        return self.values(name)[-1] if self.has(name) else None

    def values(self, name: str) -> list[str]:
        """Return every value of an option, in the order given."""
        return self._values.get(name, [])

    def has(self, name: str) -> bool:
        """Tell whether an option was given."""
        return name in self._values


def read_options(command: Command, words: Sequence[str]) -> Options | None:
    """Return what the words after a command's name say; None if they ask for help.

    Raises:
        UsageError: an unknown option, one without the value it needs or with one it does not take, too many operands.
    """
    found = Options()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in HELP:
            return None
        if word == "--":
            found.operands += rest
            break
        if word.startswith("-") and word != "-":
            _read_option(command, word, rest, found)
        else:
            found.operands.append(word)
    if command.most_operands is not None and len(found.operands) > command.most_operands:
        raise UsageError(_surplus(command, found.operands))
    return found


def _surplus(command: Command, operands: Sequence[str]) -> str:
    if not command.most_operands:
        return f"expected no operands, found {operands[0]!r}"
    surplus = operands[command.most_operands]
    return f"expected at most {command.most_operands} of {command.operands or 'operands'}, found {surplus!r} too"


def _read_option(command: Command, word: str, rest: list[str], found: Options) -> None:
    name, equals, value = word.partition("=")
    option = next((each for each in command.options if each.name == name), None)
    if option is None:
        from usagebar.diagnostics import visible  # noqa: PLC0415 - only for a wrong word

        near = nearest(name, [*[each.name for each in command.options], *HELP])
        raise UsageError(f"unknown option {visible(name)}{near}")
    if option.metavar and not option.metavar.startswith("[") and not equals:
        if not rest or rest[0] in [each.name for each in command.options]:
            found_instead = f", found {rest[0]}" if rest else ""
            raise UsageError(f"expected a value behind {name}: {name} {option.metavar}{found_instead}")
        value = rest.pop(0)
    elif equals and not option.metavar:
        raise UsageError(f"expected no value for {name}, found {value!r}")
    found.add(name, value)


def nearest(word: str, known: Sequence[str]) -> str:
    """Return `; did you mean X?` for the known word that is nearest, `""` if none is near."""
    return "".join(f"; did you mean {match}?" for match in nearest_of(word, known))


def nearest_of(word: str, known: Sequence[str]) -> list[str]:
    """Return the known word that is nearest, none if none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a wrong word

    return get_close_matches(word, known, n=1)


def help_text(command: Command) -> str:
    """Return the help of a command."""
    options = (*command.options, Option("-h, --help", "show this help"))
    left = [f"{each.name} {each.metavar}".rstrip().replace(" [=", "[=") for each in options]
    width = max(map(len, left)) + 2
    usage = f"usage: usagebar {command.name} [options] {command.operands}".rstrip()
    parts = [usage, command.summary, command.details]
    parts.append(
        "options:\n" + "\n".join(f"  {name:<{width}}{each.help}" for name, each in zip(left, options, strict=True))
    )
    if command.examples:
        parts.append("examples:\n" + "\n".join(f"  {line}\n      {what}" for line, what in command.examples))
    return "\n\n".join(part for part in parts if part) + "\n"
