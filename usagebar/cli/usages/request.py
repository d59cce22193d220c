"""What `usagebar usage` is asked for: its operand and options, read and checked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from usagebar.cli.options import UsageError, nearest
from usagebar.cli.usages.dimensions import BLOCKS, BY_REPORT, COST, DIMENSIONS, REPORTS, TIMES
from usagebar.ledger.figures import Filter
from usagebar.ledger.turns import CLAUDE, OPENCLAW, RUNTIMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from usagebar.cli.options import Options

FORMATS = ("--json", "--csv")
# These choose turns or shape a table; the chat's text is of today and the last 30 days.
_NOT_FOR_COST = ("--since", "--until", "--date", "--agent", "--model", "--runtime", "--by", "--as-model", *FORMATS)
_DATE_DIGITS = 8  # of a date written without dashes


class Request(NamedTuple):
    """Hold a report and what its rows are told apart by, the turns that it is of, and how to write it.

    `runtimes` are those that are asked for, none if no option names one; `chosen` is without them. `format` is
    `table`, `json` or `csv`.
    """

    report: str
    dimensions: tuple[str, ...]
    chosen: Filter
    runtimes: tuple[str, ...]
    as_model: str | None
    format: str
    reads_logs: bool
    checks_budgets: bool

    @property
    def filters(self) -> list[Filter]:
        """Return the filters of the ledger that together choose the turns: one a runtime that is asked for."""
        names = (None,) if self.has_all_runtimes else self.runtimes
        return [self.chosen._replace(runtime=runtime) for runtime in names]

    @property
    def has_all_runtimes(self) -> bool:
        """Whether turns are of any runtime."""
        return self.runtimes in ((), RUNTIMES)

    @property
    def logged(self) -> tuple[str, ...]:
        """Return the runtimes whose logs are to be read; budgets are over all of them."""
        wanted = RUNTIMES if self.checks_budgets else self.runtimes or RUNTIMES
        return tuple(name for name in (CLAUDE, OPENCLAW) if name in wanted)


def request_of(options: Options) -> Request:
    """Return what the options ask for.

    Raises:
        UsageError: one has a value that it cannot have, or they do not go together.
        LedgerError: there is no such time zone.
    """
    report, dimensions = _report(options)
    if report == COST and (off := [name for name in _NOT_FOR_COST if options.has(name)]):
        raise UsageError(f"expected no {off[0]} beside cost, the text of a chat")
    since, until = _days(options)
    chosen = Filter(
        since,
        until,
        _zone(options),
        session=_text(options, "--session"),
        agent=_text(options, "--agent"),
        model=_text(options, "--model"),
    )
    return Request(
        report,
        dimensions,
        chosen,
        _runtimes(options),
        _text(options, "--as-model"),
        _format(options),
        not options.has("--no-import"),
        options.has("--check-budget"),
    )


# ---------------------------------------------------------------- the report


def _report(options: Options) -> tuple[str, tuple[str, ...]]:
    """Return the report and its dimensions; `--by` splits the one that is named, alone it makes one."""
    by = _text(options, "--by")
    if by is not None and by not in DIMENSIONS:
        raise UsageError(f"expected {_choice(list(DIMENSIONS))} behind --by, found {by!r}{nearest(by, [*DIMENSIONS])}")
    if not options.operands:
        return _own(DIMENSIONS[by].report if by else REPORTS[0])
    report, dimensions = _own(options.operands[0])
    if by is None:
        return report, dimensions
    _check_split(report, dimensions, by)
    return report, (*dimensions, by)


def _own(report: str) -> tuple[str, tuple[str, ...]]:
    if report not in REPORTS:
        raise UsageError(f"expected {_choice(REPORTS)}, found {report!r}{nearest(report, REPORTS)}")
    return report, BY_REPORT.get(report, ())


def _check_split(report: str, dimensions: Sequence[str], by: str) -> None:
    if by in dimensions:
        raise UsageError(f"expected what else {report} is to be split by behind --by, found its own {by!r}")
    if by == "tool":
        raise UsageError(f"expected no tool behind --by for {report}: a turn may call several, or none")
    if report == BLOCKS and by in TIMES:
        raise UsageError(f"expected no {by} behind --by for blocks, which are times themselves")


def _choice(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


# ---------------------------------------------------------------- the turns


def _text(options: Options, name: str) -> str | None:
    """Return the value of an option, which may not be blank."""
    value = options.value(name)
    if value is not None and not value.strip():
        raise UsageError(f"expected a value behind {name}, found {value!r}")
    return value


def _days(options: Options) -> tuple[date | None, date | None]:
    since, until, day = (_date(options, name) for name in ("--since", "--until", "--date"))
    if day is not None:
        if other := [name for name in ("--since", "--until") if options.has(name)]:
            raise UsageError(f"expected one of --date and {other[0]}, found both")
        return day, day
    if since is not None and until is not None and since > until:
        raise UsageError(f"expected --since not to be after --until, found {since} and {until}")
    return since, until


def _date(options: Options, name: str) -> date | None:
    value = options.value(name)
    if value is None:
        return None
    digits = value.replace("-", "")
    # date.fromisoformat takes other forms as well.
    in_form = len(digits) == _DATE_DIGITS and digits.isascii() and digits.isdigit()
    if in_form and value == (dashed := f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise UsageError(f"expected a day of the calendar behind {name}, found {value}") from None
    hint = f"; did you mean {dashed}?" if in_form else ""
    raise UsageError(f"expected a date as YYYY-MM-DD behind {name}, found {value!r}{hint}")


def _runtimes(options: Options) -> tuple[str, ...]:
    """Return the runtimes that are asked for, each once."""
    names = [name.strip() for value in options.values("--runtime") for name in value.split(",")]
    for name in names:
        if name not in RUNTIMES:
            near = nearest(name, RUNTIMES)
            raise UsageError(f"expected {_choice(RUNTIMES)} behind --runtime, found {name!r}{near}")
    return tuple(name for name in RUNTIMES if name in names)


def _zone(options: Options) -> tzinfo:
    from usagebar.ledger.zones import local_zone, zone  # noqa: PLC0415 - help and wrong words need none

    name = _text(options, "--timezone")
    return local_zone() if name is None else zone(name)


def _format(options: Options) -> str:
    if all(options.has(name) for name in FORMATS):
        raise UsageError("expected one of --json and --csv, found both")
    return next((name.removeprefix("--") for name in FORMATS if options.has(name)), "table")
