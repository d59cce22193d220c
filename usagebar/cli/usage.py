"""`usagebar usage`: what all this cost, from the runtimes' own logs."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from usagebar.cli.options import Command, Option, Options, UsageError

if TYPE_CHECKING:
    from usagebar.cli.usages.request import Request
    from usagebar.ledger.budgets import BudgetState
    from usagebar.ledger.importing import Imported
    from usagebar.ledger.storing.database import Database

COMMAND = Command(
    "usage",
    "Show what was used and what it cost, by day, session, model, agent, cron job, …",
    operands="[REPORT]",
    most_operands=1,
    options=(
        Option("--since", "from this day on, YYYY-MM-DD", "DATE"),
        Option("--until", "up to this day, itself included", "DATE"),
        Option("--date", "this day alone", "DATE"),
        Option("--timezone", "whose days, such as Europe/Berlin or UTC; by default the system's", "ZONE"),
        Option("--session", "one session, by its id or its key", "KEY"),
        Option("--agent", "one agent", "A"),
        Option("--model", "one model", "M"),
        Option("--runtime", "claude, openclaw or api (what programs recorded); repeatable, or with commas", "R"),
        Option("--by", "split the rows by this too; with no report named: the report by this", "DIMENSION"),
        Option("--as-model", "a column more: what the same tokens would have cost with this model", "M"),
        Option("--json", "write JSON, as `usagebar schema usage` describes it"),
        Option("--csv", "write CSV: a header and a line a row, what is unknown empty"),
        Option("--offline", "accepted as elsewhere: nothing is ever fetched, prices are those of this machine"),
        Option("--check-budget", "exit code 3 if a budget is spent, which standard error names"),
        Option("--no-import", "show what is stored already, do not look for new logs"),
    ),
    details=(
        "First the logs of Claude Code and OpenClaw are read, what is new of them, into a ledger that keeps what they\n"
        "delete. Then the REPORT (daily, unless another one is named) is made of it: of everything that is stored,\n"
        "unless options choose some of it.\n"
        "  daily, weekly (ISO weeks), monthly   the latest last\n"
        "  sessions                             the most recently active last\n"
        "  models, agents, origins, tools       the most expensive first; an origin is a channel, cron:JOB, hook:ID\n"
        "  projects, providers, runtimes, machines   likewise\n"
        "  blocks                               five-hour windows, as the limits of Claude's plans count them, the\n"
        "                                       rate of the active one, and what it comes to at its end; of Claude\n"
        "                                       Code's turns if there are any, unless --runtime names others\n"
        "  cost                                 four lines, as a chat shows them\n"
        "DIMENSION is day, week, month, session, model, agent, origin, tool, project, provider, runtime or machine.\n"
        "A cost is what the runtime reported, else an estimate by your price file, OpenClaw's prices or genai-prices.\n"
        "Unknown costs are shown as -, and left out of sums that are marked *.\n"
        "Logs are looked for in the folders of CLAUDE_CONFIG_DIR and OPENCLAW_DIR (comma lists), else in ~/.claude,\n"
        "~/.config/claude and ~/.openclaw. The ledger is the file of USAGEBAR_LEDGER, or in your data folder; budgets\n"
        "are read from the file of USAGEBAR_BUDGETS, else from ~/.config/usagebar/budgets.json.\n"
        "Exit code 2 if something cannot be used, 3 as --check-budget says."
    ),
    examples=(
        ("usagebar usage", "what each day cost"),
        ("usagebar usage monthly --by model --timezone UTC", "each model's part of each month"),
        ("usagebar usage origins --agent main --since 2026-01-01", "what each channel and each cron job cost"),
        ("usagebar usage models --as-model claude-haiku-4-5", "what another model would have cost"),
        ("usagebar usage blocks", "how near the limit of a plan is"),
        ("usagebar usage --date 2026-01-31 --check-budget > report.txt", "for a cron job: fails if a budget is spent"),
        ("usagebar usage sessions --json | jq '.sessions[-1].totalCost'", "the latest session's cost, for a program"),
    ),
)

BUDGET_SPENT = 3
INTERRUPTED = 130


def run(options: Options) -> int:
    """Run the command."""
    from usagebar.cli.usages.request import request_of  # noqa: PLC0415 - help needs none of it
    from usagebar.ledger.errors import LedgerError  # noqa: PLC0415 - as above
    from usagebar.pricing.errors import PriceError  # noqa: PLC0415 - as above

    try:
        return _show(request_of(options))
    except UsageError as error:
        return _failed(f"{error}\nhelp: usagebar usage --help")
    except (LedgerError, PriceError) as error:
        from usagebar.cli.usages.cells import visible_lines  # noqa: PLC0415 - as above

        return _failed(visible_lines(str(error)))


def _show(request: Request) -> int:
    from usagebar.ledger.storing.database import Database  # noqa: PLC0415 - as above
    from usagebar.ledger.zones import local_zone  # noqa: PLC0415 - as above

    # The sums that are kept are those of the system's zone, not of any that is asked for once.
    with Database.open(None, zone=local_zone()) as database:
        try:
            imported = _import(database, request) if request.reads_logs else None
        except KeyboardInterrupt:
            behind_echo = "\n" if sys.stderr.isatty() else ""
            _say(f"{behind_echo}usagebar usage: stopped; what was read is kept, and the next run goes on from there")
            return INTERRUPTED
        return _write(database, request, imported)


def _import(database: Database, request: Request) -> Imported:
    """Read what is new in the logs, with a bar on a terminal if that takes long."""
    from usagebar.cli.usages.progress import Progress  # noqa: PLC0415 - as above
    from usagebar.ledger.importing import import_all  # noqa: PLC0415 - as above

    with Progress(sys.stderr) as progress:
        return import_all(database, runtimes=request.logged, on_progress=progress.show)


def _write(database: Database, request: Request, imported: Imported | None) -> int:
    from usagebar.cli.usages.cells import visible_lines  # noqa: PLC0415 - as above
    from usagebar.cli.usages.spent import budget_text, budgets_of  # noqa: PLC0415 - as above

    moment = now()
    budgets = budgets_of(database, request, moment)
    written, beside = _written(database, request, imported, budgets, moment)
    sys.stdout.buffer.write(written)
    spent = [state for state in budgets or () if state.is_spent]
    for sentence in [*map(visible_lines, beside), *map(budget_text, spent)]:
        _say(f"usagebar usage: {sentence}")
    return BUDGET_SPENT if spent else 0


def _written(
    database: Database,
    request: Request,
    imported: Imported | None,
    budgets: list[BudgetState] | None,
    moment: int,
) -> tuple[bytes, list[str]]:
    """Return a report as it is written, and the sentences that its format has no place for."""
    from usagebar.cli.usages.spent import budget_notes  # noqa: PLC0415 - as above

    if request.report == "cost":
        from usagebar.cli.usages.notes import notes  # noqa: PLC0415 - as above
        from usagebar.ledger.chat import usage_cost_text  # noqa: PLC0415 - as above

        text = usage_cost_text(database, request.chosen.session, request.chosen.zone, moment)
        return f"{text}\n".encode(), [*notes(database, imported), *budget_notes(budgets)]
    from usagebar.cli.usages.report import report_of  # noqa: PLC0415 - as above

    name = f"as_{request.format}"
    form = getattr(__import__(f"usagebar.cli.usages.{name}", fromlist=[name]), name)
    report = report_of(database, request, imported, budgets, moment)
    written: bytes = form(report)
    return written, [*report.remarks.notes, *budget_notes(budgets)] if request.format == "csv" else []


def now() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _failed(message: str) -> int:
    _say(f"usagebar usage: {message}")
    return 2
