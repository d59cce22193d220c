"""`usagebar usage`: its reports as golden files, its JSON and CSV, its options, its days."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from command_line import CommandLine
from usage_corpus import COUNTS, HOSTILE, HOSTILE_SESSIONS, HOSTILE_TURNS, NOW, SESSIONS, TURNS, store, turn

from usagebar.cli import usage
from usagebar.cli.usages import as_csv
from usagebar.cli.usages.dimensions import BY_REPORT, DIMENSIONS, REPORTS, zone_name
from usagebar.diagnostics import visible
from usagebar.ledger import importing
from usagebar.ledger.importing import Imported
from usagebar.ledger.report_model import REPORTS as MEMBERS
from usagebar.ledger.report_model import UsageReport
from usagebar.ledger.zones import local_zone
from usagebar.pricing.configured import configured_prices
from usagebar.schemas import schema_of
from usagebar.surfaces.cells import width

GOLDEN = Path(__file__).parents[1] / "golden" / "usage"
UPDATE = "USAGEBAR_UPDATE_GOLDEN"
VALIDATOR = jsonschema.Draft202012Validator(schema_of("usage"))
PRICES = {"cheap-1": {"input": 1.0, "output": 2.0, "cache_read": 0.1, "cache_write": 1.25}}
STORED = ("--no-import", "--timezone", "Europe/Berlin")
TABLES = [report for report in REPORTS if report != "cost"]


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a ledger of its own with nothing in it, no logs, and one moment; return the ledger's path."""
    path = tmp_path / "ledger.sqlite"
    monkeypatch.setenv("USAGEBAR_LEDGER", str(path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "OPENCLAW_DIR", "USAGEBAR_BUDGETS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("USAGEBAR_PRICES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setattr(usage, "now", lambda: NOW)
    configured_prices.cache_clear()
    yield path
    configured_prices.cache_clear()


@pytest.fixture
def corpus(ledger: Path) -> Path:
    store(ledger)
    return ledger


@pytest.fixture
def prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(PRICES), "utf-8")
    monkeypatch.setenv("USAGEBAR_PRICES", str(path))


def reported(cli: CommandLine, *words: str) -> Any:
    """Return the JSON of a report, having seen that it is as its schema says."""
    ran = cli("usage", *words, "--json", *STORED)
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    VALIDATOR.validate(found)
    return found


# ---------------------------------------------------------------- golden files

WIDTHS = {"wide": 160, "80": 80, "60": 60, "40": 40}
# The others are as these.
DRAWN = [report for report in TABLES if report not in ("projects", "providers", "runtimes", "machines")]
GOLDEN_CASES: dict[str, tuple[list[str], int | None]] = {
    f"{report}-{name}.txt": ([report], size) for report in DRAWN for name, size in WIDTHS.items()
}
GOLDEN_CASES |= {f"{report}.json": ([report, "--json"], None) for report in DRAWN}
GOLDEN_CASES |= {f"{report}.csv": ([report, "--csv"], None) for report in DRAWN}
GOLDEN_CASES |= {
    "daily-piped.txt": (["daily"], None),
    "daily-by-model.txt": (["daily", "--by", "model"], None),
    "daily-by-model.csv": (["daily", "--by", "model", "--csv"], None),
    "sessions-by-model.txt": (["sessions", "--by", "model"], None),
    "origins-of-main.txt": (["origins", "--agent", "main"], None),
    "projects.txt": (["--by", "project"], None),
    "one-day.txt": (["models", "--date", "2026-03-29"], None),
    "as-model.txt": (["models", "--as-model", "cheap-1"], None),
    "as-model.json": (["weekly", "--as-model", "cheap-1", "--json"], None),
    "blocks-by-model.txt": (["blocks", "--by", "model"], None),
    "blocks-of-main.csv": (["blocks", "--agent", "main", "--csv"], None),
    "blocks-of-all.json": (["blocks", "--runtime", "claude,openclaw,api", "--json"], None),
    "blocks-of-all-20.txt": (["blocks", "--runtime", "claude,openclaw,api"], 20),
    "blocks-of-all.txt": (["blocks", "--runtime", "claude,openclaw,api"], None),
    "cost.txt": (["cost", "--session", "0001"], None),
}


@pytest.mark.parametrize("name", GOLDEN_CASES)
@pytest.mark.usefixtures("corpus", "prices")
def test_golden(name: str, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    words, columns = GOLDEN_CASES[name]
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
    ran = cli("usage", *words, *STORED)
    assert (ran.code, ran.err) == (0, "")
    if os.environ.get(UPDATE):
        (GOLDEN / name).write_bytes(ran.out.encode())
    assert ran.out == (GOLDEN / name).read_bytes().decode()
    assert "\x1b" not in ran.out
    if name.endswith(".txt"):
        assert max(map(width, ran.out.splitlines())) <= (columns or 120)


def test_every_golden_file_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(GOLDEN_CASES)


# ---------------------------------------------------------------- JSON


def described(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    """Walk the members of a document that its schema does not describe."""
    while "$ref" in schema:
        schema = schema_of("usage")["$defs"][schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", ()):
        if "$ref" in choice and isinstance(value, dict):
            yield from described(value, choice)
            return
    if isinstance(value, list):
        for each in value:
            yield from described(each, schema["items"])
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in schema["properties"]:
                yield key
            else:
                yield from described(each, schema["properties"][key])


@pytest.mark.parametrize("words", [[], ["--as-model", "cheap-1"], ["--check-budget"], ["--since", "2026-03-29"]])
@pytest.mark.parametrize("report", TABLES)
@pytest.mark.usefixtures("corpus", "prices")
def test_json_is_as_its_schema_says(report: str, words: list[str], cli: CommandLine) -> None:
    found = reported(cli, report, *words)
    assert list(described(found, schema_of("usage"))) == []
    UsageReport.model_validate(found)
    assert found[report]
    assert [name for name in MEMBERS if name in found] == [report]


@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.usefixtures("corpus")
def test_json_by_each_dimension(by: str, cli: CommandLine) -> None:
    found = reported(cli, "--by", by)
    report = DIMENSIONS[by].report
    assert all(DIMENSIONS[by].member in row for row in found[report])
    assert list(described(found, schema_of("usage"))) == []


def test_the_reports_of_the_schema() -> None:
    assert {*MEMBERS} == {*BY_REPORT, "blocks"} == {*TABLES}
    # What the help says can be asked for is what can be.
    told = [
        line[2:].split("  ")[0]
        for line in usage.COMMAND.details.splitlines()
        if line.startswith("  ") and line[2] != " "
    ]
    names = ", ".join(told).replace(" (ISO weeks)", "").split(", ")
    assert sorted(names) == sorted(REPORTS)


SUMMED = [report for report in TABLES if report not in ("tools", "blocks")]


@pytest.mark.parametrize("words", [[], ["--by", "runtime"], ["--by", "provider"], ["--by", "project"]])
@pytest.mark.parametrize("report", SUMMED)
@pytest.mark.usefixtures("corpus")
def test_rows_sum_up_to_the_totals(report: str, words: list[str], cli: CommandLine) -> None:
    if not {*words}.isdisjoint(BY_REPORT[report]):
        words = []
    found = reported(cli, report, *words)
    assert found["totals"] == pytest.approx(COUNTS)
    for name, whole in COUNTS.items():
        assert sum(row[name] or 0 for row in found[report]) == pytest.approx(whole), name


@pytest.mark.usefixtures("corpus")
def test_json_of_daily(cli: CommandLine) -> None:
    rows = {row["date"]: row for row in reported(cli)["daily"]}
    assert list(rows) == [None, "2026-03-28", "2026-03-29", "2026-03-30"]
    assert rows["2026-03-29"] == {
        "date": "2026-03-29",
        "input": 500,
        "output": 5,
        "cacheRead": 5000,
        "cacheWrite": 50,
        "totalTokens": 5555,
        "totalCost": 0.05,
        "missingCostEntries": 0,
        "turns": 2,
        "reasoning": 0,
        "missingTokenEntries": 0,
    }
    assert rows["2026-03-30"]["totalCost"] == 0.5042
    assert rows["2026-03-30"]["missingCostEntries"] == 2


@pytest.mark.usefixtures("corpus")
def test_what_is_said_of_all_turns(cli: CommandLine) -> None:
    found = reported(cli, "models")
    assert found["prices"] == [
        {"source": "prices.json", "date": "2026-03-01", "turns": 3},
        {"source": "reported", "date": None, "turns": 3},
    ]
    assert found["longContext"] == [{"threshold": 200_000, "turns": 1}]
    assert found["unpriced"] == [{"model": "mystery-1", "turns": 1}, {"model": "mystery-2", "turns": 1}]
    assert found["timezone"] == "Europe/Berlin"
    unknown = {row["model"]: row for row in found["models"]}["mystery-1"]
    assert unknown["totalCost"] is None


@pytest.mark.usefixtures("corpus", "prices")
def test_as_model(cli: CommandLine) -> None:
    found = reported(cli, "models", "--as-model", "cheap-1")
    rows = {row["model"]: row["asModel"] for row in found["models"]}
    # 600 fresh at 1, 6000 cached at 0.1, 60 written at 1.25, 6 out at 2, per million
    assert rows["claude-sonnet-4-5-20250929"] == {"totalCost": pytest.approx(0.001287), "missingCostEntries": 0}
    assert rows["mystery-2"] == {"totalCost": None, "missingCostEntries": 1}  # its output is not known
    assert found["asModel"]["model"] == "cheap-1"
    assert found["asModel"]["missingCostEntries"] == 1
    assert found["asModel"]["totalCost"] == pytest.approx(sum(row["totalCost"] or 0 for row in rows.values()))


@pytest.mark.parametrize("report", TABLES)
@pytest.mark.usefixtures("corpus", "prices")
def test_as_model_of_each_report(report: str, cli: CommandLine) -> None:
    found = reported(cli, report, "--as-model", "cheap-1")
    rows = [row["asModel"] for row in found[report] if not row.get("isGap")]
    assert any(row["totalCost"] for row in rows)
    if report != "tools":
        whole = found["asModel"]
        assert sum(row["totalCost"] or 0 for row in rows) == pytest.approx(whole["totalCost"])
        assert sum(row["missingCostEntries"] for row in rows) == whole["missingCostEntries"]


@pytest.mark.usefixtures("corpus", "prices")
def test_as_model_of_turns_that_call_no_tool(cli: CommandLine) -> None:
    """What stands beside the cost of all turns is of all turns, too."""
    assert (
        reported(cli, "tools", "--as-model", "cheap-1")["asModel"]
        == (reported(cli, "daily", "--as-model", "cheap-1")["asModel"])
    )


@pytest.mark.usefixtures("corpus", "prices")
def test_as_a_model_that_has_no_price(cli: CommandLine) -> None:
    assert reported(cli, "--as-model", "cheap\x1b-9")["notes"] == ["no price of model cheap␛-9 is known"]
    assert "\nno price of model cheap-9 is known\n" in cli("usage", "--as-model", "cheap-9", *STORED).out
    # It is the turn that has no count here.
    assert reported(cli, "--as-model", "cheap-1", "--model", "mystery-2")["notes"] == []


@pytest.mark.usefixtures("corpus")
def test_tools(cli: CommandLine) -> None:
    found = reported(cli, "tools")
    rows = {row["tool"]: row for row in found["tools"]}
    assert list(rows) == ["Read", "Bash"]
    assert (rows["Read"]["calls"], rows["Read"]["turns"], rows["Read"]["input"]) == (3, 2, 300)
    assert (rows["Bash"]["calls"], rows["Bash"]["turns"], rows["Bash"]["input"]) == (1, 1, 100)
    assert found["totals"]["turns"] == 8


# ---------------------------------------------------------------- which turns

CHOSEN = [
    (["--since", "2026-03-29"], "bcdefg"),
    (["--until", "2026-03-29"], "abc"),
    (["--date", "2026-03-29"], "bc"),
    (["--since", "2026-03-28", "--until", "2026-03-28"], "a"),
    (["--since", "2026-03-31"], ""),
    (["--session", "0001"], "abc"),
    (["--session", "agent:main:discord:group:1"], "e"),
    (["--session", "nobody"], ""),
    (["--agent", "ops"], "gh"),
    (["--model", "gpt-5.5"], "efh"),
    (["--model", "gpt-5.5", "--agent", "ops"], "h"),
    (["--runtime", "claude"], "abcd"),
    (["--runtime", "openclaw"], "efgh"),
    (["--runtime", "api"], ""),
    (["--runtime", "claude,openclaw"], "abcdefgh"),
    (["--runtime", "claude", "--runtime", "api"], "abcd"),
    (["--runtime", "claude, openclaw", "--date", "2026-03-30"], "defg"),
    (["--date", "2026-03-29", "--timezone", "UTC"], "cde"),
    (["--date", "2026-03-29", "--timezone", "Asia/Kathmandu"], "ab"),
]
INPUT = {"a": 100, "b": 200, "c": 300, "d": 400, "e": 5000, "f": 600, "g": 700, "h": 10}


@pytest.mark.parametrize(("words", "keys"), CHOSEN, ids=[" ".join(words) for words, _ in CHOSEN])
@pytest.mark.parametrize("report", ["daily", "sessions", "models"])
@pytest.mark.usefixtures("corpus")
def test_turns_are_chosen(report: str, words: list[str], keys: str, cli: CommandLine) -> None:
    zone = [] if "--timezone" in words else ["--timezone", "Europe/Berlin"]
    ran = cli("usage", report, "--json", "--no-import", *words, *zone)
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert found["totals"]["input"] == sum(INPUT[key] for key in keys)
    assert found["totals"]["turns"] == len(keys)
    assert sum(row["turns"] for row in found[report]) == len(keys)
    if not keys:
        assert found[report] == []
        assert found["totals"]["totalCost"] == 0


# The days in a zone of the turns with a time, by their count.
DAYS = {
    "Europe/Berlin": {"2026-03-28": 1, "2026-03-29": 2, "2026-03-30": 4},
    "UTC": {"2026-03-28": 2, "2026-03-29": 3, "2026-03-30": 2},
    "America/New_York": {"2026-03-28": 2, "2026-03-29": 5},
    "Asia/Kathmandu": {"2026-03-29": 2, "2026-03-30": 5},
    "Pacific/Kiritimati": {"2026-03-29": 2, "2026-03-30": 5},
}


@pytest.mark.parametrize("zone", DAYS)
@pytest.mark.usefixtures("corpus")
def test_days_are_of_a_zone(zone: str, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    named = json.loads(cli("usage", "--json", "--no-import", "--timezone", zone).out)
    assert {row["date"]: row["turns"] for row in named["daily"] if row["date"]} == DAYS[zone]
    monkeypatch.setenv("TZ", zone)
    assert json.loads(cli("usage", "--json", "--no-import").out) == named


ZONES = [
    ("EST5EDT,M3.2.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0"),
    (":EST5EDT,M3.2.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0"),
    ("Europe/Berlin", "Europe/Berlin"),
    ("", "UTC"),
]


@pytest.mark.parametrize(("variable", "name"), ZONES)
@pytest.mark.usefixtures("corpus")
def test_what_a_zone_is_called(variable: str, name: str, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", variable)
    assert json.loads(cli("usage", "--json", "--no-import").out)["timezone"] == name
    assert cli("usage", "--no-import").out.startswith(f"Usage by day, {name} time\n")


def test_what_a_zone_without_a_name_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":EST5EDT,M3.2.0,M11.1.0")
    rule = local_zone()
    monkeypatch.delenv("TZ")  # as a copy at /etc/localtime
    assert zone_name(rule) == "local"
    assert zone_name(timezone(timedelta(hours=-5))) == "UTC-0500"


@pytest.mark.usefixtures("corpus")
def test_weeks_start_on_monday(cli: CommandLine) -> None:
    found = reported(cli, "weekly")["weekly"]
    assert [(row["week"], row["startDate"], row["turns"]) for row in found] == [
        (None, None, 1),
        ("2026-W13", "2026-03-23", 3),
        ("2026-W14", "2026-03-30", 4),
    ]


# What no stored turn has, and what is said of it.
UNMATCHED = [
    (["--model", "claude-sonnet-4-5"], "model claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    (["--model", "anthropic/gpt-5.5"], "model anthropic/gpt-5.5", "gpt-5.5"),
    (["--model", "MYSTERY"], "model MYSTERY", "mystery-1 or mystery-2"),
    (["--model", "\x1b[31m"], "model ␛[31m", None),
    (["--agent", "mian"], "agent mian", "main"),
    (["--agent", "main", "--session", "discord"], "session discord", "agent:main:discord:group:1"),
    (["--session", "00001", "--since", "2030-01-01"], "session 00001", "0001"),
]


@pytest.mark.parametrize(("words", "what", "near"), UNMATCHED)
@pytest.mark.parametrize("report", ["daily", "sessions", "tools", "blocks"])
@pytest.mark.usefixtures("corpus")
def test_names_that_no_turn_has(report: str, words: list[str], what: str, near: str | None, cli: CommandLine) -> None:
    told = f"no turn of {what} is stored" + (f"; did you mean {near}?" if near else "")
    assert reported(cli, report, *words)["notes"] == [told]
    ran = cli("usage", report, *words, "--timezone", "Europe/Berlin")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.partition("\n")[2] == f"\n{told}\n"
    assert cli("usage", report, *words, "--csv", *STORED).err == f"usagebar usage: {told}\n"


@pytest.mark.usefixtures("corpus")
def test_names_that_turns_have(cli: CommandLine) -> None:
    for words in (["--model", "gpt-5.5"], ["--agent", "ops"], ["--session", "agent:main:discord:group:1"]):
        assert reported(cli, *words, "--since", "2030-01-01")["notes"] == []


def test_names_in_an_empty_ledger(cli: CommandLine) -> None:
    ran = cli("usage", "--model", "any")
    assert ran.out.startswith("no usage found of what was asked for\nlooked for logs in ")


# ---------------------------------------------------------------- blocks


@pytest.mark.usefixtures("corpus")
def test_blocks_are_of_one_plan(cli: CommandLine) -> None:
    def blocks(*words: str) -> tuple[int, set[str | None]]:
        found = reported(cli, "blocks", *words)
        return found["totals"]["turns"], {row["runtime"] for row in found["blocks"]}

    assert blocks() == (4, {"claude"})
    assert blocks("--runtime", "openclaw") == (3, {"openclaw"})
    assert blocks("--runtime", "claude,openclaw,api") == (7, {None})
    assert blocks("--agent", "main") == (2, {None})  # Claude Code has no agents
    assert blocks("--by", "runtime", "--runtime", "claude,openclaw") == (7, {"claude", "openclaw"})
    titles = [
        cli("usage", "blocks", *words, *STORED).out.partition("\n")[0]
        for words in ([], ["--runtime", "api,openclaw"], ["--runtime", "claude,openclaw,api"])
    ]
    assert titles == [
        "Usage of claude in five-hour blocks, Europe/Berlin time",
        "Usage of openclaw and api in five-hour blocks, Europe/Berlin time",
        "Usage in five-hour blocks, Europe/Berlin time",
    ]


def test_blocks_where_claude_is_not_used(cli: CommandLine, ledger: Path) -> None:
    store(ledger, [turn for turn in TURNS if turn.runtime != "claude"], SESSIONS)
    assert reported(cli, "blocks")["totals"]["turns"] == 3


def test_turns_without_a_time_are_in_no_block(cli: CommandLine, ledger: Path) -> None:
    lost = [turn(f"lost {number}", "claude", None, (1, 0, 0, 1), model="mystery-3") for number in range(4)]
    store(ledger, [*TURNS, *lost], SESSIONS)
    found = reported(cli, "blocks")
    assert found["notes"] == ["4 turns without a time are in no block"]
    assert found["totals"]["turns"] == 4
    assert found["unpriced"] == [{"model": "mystery-1", "turns": 1}]
    shown = cli("usage", "blocks", *STORED).out
    assert shown.endswith("\n4 turns without a time are in no block\n")
    assert "\n* 1 of 4 turns has no price: mystery-1\n" in shown


def test_turns_without_a_time_alone(cli: CommandLine, ledger: Path) -> None:
    store(ledger, [TURNS[-1]], [])
    ran = cli("usage", "blocks", "--timezone", "Europe/Berlin")
    assert ran.out == "no blocks found\n\n1 turn without a time is in no block\n"


@pytest.mark.usefixtures("corpus", "prices")
def test_blocks_of_some_days(cli: CommandLine) -> None:
    """What is said is of the turns in the windows that start on these days, a day later too."""
    words = ["--runtime", "claude,openclaw,api", "--as-model", "cheap-1"]
    found = reported(cli, "blocks", "--date", "2026-03-29", *words)
    assert [(row["isGap"], row["turns"]) for row in found["blocks"]] == [(True, 0), (False, 5)]
    assert found["unpriced"] == [{"model": "mystery-1", "turns": 1}, {"model": "mystery-2", "turns": 1}]
    assert found["prices"] == [
        {"source": "reported", "date": None, "turns": 2},
        {"source": "prices.json", "date": "2026-03-01", "turns": 1},
    ]
    assert found["longContext"] == [{"threshold": 200_000, "turns": 1}]
    assert found["asModel"]["missingCostEntries"] == 1
    assert found["asModel"]["totalCost"] == pytest.approx(found["blocks"][1]["asModel"]["totalCost"])
    everything = reported(cli, "blocks", *words)
    assert everything["blocks"][-1]["asModel"] == found["blocks"][1]["asModel"]
    assert reported(cli, "blocks", "--since", "2026-03-28", "--until", "9999-12-31", *words) == {
        **everything, "since": "2026-03-28", "until": "9999-12-31", "notes": []
    }  # fmt: skip


@pytest.mark.usefixtures("corpus")
def test_no_block_starts_on_a_day(cli: CommandLine) -> None:
    ran = cli("usage", "blocks", "--date", "2026-03-30", "--timezone", "Europe/Berlin")
    assert ran.out == ("no blocks found of what was asked for\n\nno block starts on the days that were asked for\n")


# ---------------------------------------------------------------- order


@pytest.mark.usefixtures("corpus")
def test_order(cli: CommandLine) -> None:
    assert [row["session"] for row in reported(cli, "sessions")["sessions"]] == ["0001", "0002", "0003", "0005", "0004"]
    models = [row["model"] for row in reported(cli, "models")["models"]]
    assert models == ["gpt-5.5", "claude-sonnet-4-5-20250929", "mystery-1", "mystery-2"]
    origins = [row["origin"] for row in reported(cli, "origins")["origins"]]
    assert origins == ["discord", None, "cron:backup", "hook:7"]
    split = reported(cli, "agents", "--by", "day")["agents"]
    assert [(row["agentId"], row["date"]) for row in split] == [
        ("main", "2026-03-30"),
        (None, "2026-03-28"),
        (None, "2026-03-29"),
        (None, "2026-03-30"),
        ("ops", None),
        ("ops", "2026-03-30"),
    ]


def test_sessions_without_an_id_or_a_time(cli: CommandLine, ledger: Path) -> None:
    """One without an id was active last at the same moment as others; two have no time at all."""
    known = {"model": "m", "provider": "p"}
    same = [turn(name, "claude", "2026-03-29 10:00:00", (1, 0, 0, 1), session_id=name, **known) for name in "ba"]
    nameless = turn("x", "claude", "2026-03-29 10:00:00", (1, 0, 0, 1), **known)
    timeless = [turn(f"t{name}", "claude", None, (1, 0, 0, 1), session_id=name, **known) for name in "dc"]
    elsewhere = [turn(f"o{time}", "openclaw", time, (1, 0, 0, 1), **known) for time in (None, "2026-03-29 10:00:00")]
    store(ledger, [*same, nameless, *timeless, *elsewhere], [])
    for words in ([], ["--by", "model"]):
        found = reported(cli, "sessions", *words)["sessions"]
        assert [row["session"] for row in found] == ["c", "d", None, "a", "b", None]
    shown = cli("usage", "sessions", *STORED).out
    assert shown.count("\n-  ") == 2


# ---------------------------------------------------------------- CSV


def plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@pytest.mark.parametrize("words", [[], ["--as-model", "cheap-1"], ["--by", "machine"]])
@pytest.mark.parametrize("report", TABLES)
@pytest.mark.usefixtures("corpus", "prices")
def test_csv_has_what_json_has(report: str, words: list[str], cli: CommandLine) -> None:
    if not {*words}.isdisjoint(BY_REPORT.get(report, ())):
        words = []
    rows = reported(cli, report, *words)[report]
    ran = cli("usage", report, "--csv", *words, *STORED)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("\r\n") == ran.out.count("\n") == len(rows) + 1
    found = list(csv.DictReader(io.StringIO(ran.out, newline="")))
    assert len(found) == len(rows)
    for line, row in zip(found, rows, strict=True):
        flat = {**row}
        for name in ("asModel", "burnRate", "projection"):
            for inner, value in (flat.pop(name, None) or {}).items():
                flat[f"{name}.{inner}"] = value
        assert {name for name, value in line.items() if value} <= flat.keys() <= line.keys()
        for name, value in flat.items():
            if isinstance(value, float):
                assert float(line[name]) == pytest.approx(value)
            elif isinstance(value, list):
                assert line[name] == " ".join(value)
            else:
                assert line[name] == plain(value)


def test_csv_runs_no_formulas(cli: CommandLine, ledger: Path) -> None:
    store(ledger, HOSTILE_TURNS, HOSTILE_SESSIONS)
    ran = cli("usage", "sessions", "--csv", *STORED)
    [row] = csv.DictReader(io.StringIO(ran.out, newline=""))
    assert row["session"] == "'=1+1"
    assert row["title"] == visible(HOSTILE)
    assert row["origin"].startswith("[bold red]␛[31m␇名前")
    assert ran.out.replace("\r\n", "").isprintable()


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_texts_that_a_spreadsheet_would_run(text: str) -> None:
    assert as_csv._cell(text) == f"'{visible(text)}"
    assert as_csv._cell(f"a{text}") == f"a{visible(text)}"


# ---------------------------------------------------------------- names are data


@pytest.mark.parametrize("columns", [None, 20, 40, 80, 200])
@pytest.mark.parametrize("report", [*TABLES, "--by=project", "--by=provider"])
def test_hostile_names(
    report: str, columns: int | None, cli: CommandLine, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(ledger, HOSTILE_TURNS, HOSTILE_SESSIONS)
    monkeypatch.setenv("FORCE_COLOR", "")
    if columns:
        monkeypatch.setenv("COLUMNS", str(columns))
    ran = cli("usage", report, *STORED)
    assert (ran.code, ran.err) == (0, "")
    for line in ran.out.split("\n"):
        assert line.isprintable(), line
        assert width(line) <= (columns or 120)
    if report in ("models", "agents", "origins", "tools") and columns is None:
        assert "\n[bold red]␛[" in ran.out


@pytest.mark.parametrize("report", TABLES)
def test_hostile_names_in_json(report: str, cli: CommandLine, ledger: Path) -> None:
    store(ledger, HOSTILE_TURNS, HOSTILE_SESSIONS)
    assert reported(cli, report)[report]


# ---------------------------------------------------------------- nothing


@pytest.mark.parametrize("report", TABLES)
def test_an_empty_ledger(report: str, cli: CommandLine, home: Path) -> None:
    ran = cli("usage", report)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("no usage found\nlooked for logs in ")
    assert f"looked for logs in {home}/.claude/projects\n" in ran.out
    assert "$" not in ran.out
    found = reported(cli, report)
    assert found[report] == []
    assert found["totals"] == dict.fromkeys(COUNTS, 0)
    assert cli("usage", report, "--csv").out.count("\n") == 1


def test_a_folder_that_is_not_there_is_empty(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/nowhere/at/all")
    ran = cli("usage", "--runtime", "claude")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("no usage found of what was asked for\nlooked for logs in /nowhere/at/all")


@pytest.mark.usefixtures("corpus")
def test_no_tools_among_some_turns(cli: CommandLine) -> None:
    ran = cli("usage", "tools", "--agent", "ops", *STORED)
    assert ran.out.startswith("no calls of tools among 2 turns\n")


# ---------------------------------------------------------------- options that are off

HELP = "help: usagebar usage --help\n"
REPORT_NAMES = (
    "daily, weekly, monthly, sessions, models, agents, origins, tools, projects, providers, runtimes, machines, blocks "
    "or cost"
)
DIMENSION_NAMES = "day, week, month, session, model, agent, origin, tool, project, provider, runtime or machine"
WRONG = [
    (["dayly"], f"expected {REPORT_NAMES}, found 'dayly'; did you mean daily?"),
    (["x\x1b[31m"], f"expected {REPORT_NAMES}, found 'x\\x1b[31m'"),
    (
        ["--since", "20260131"],
        "expected a date as YYYY-MM-DD behind --since, found '20260131'; did you mean 2026-01-31?",
    ),
    (["--since", "2026-1-31"], "expected a date as YYYY-MM-DD behind --since, found '2026-1-31'"),
    (["--since", "2026-W05-1"], "expected a date as YYYY-MM-DD behind --since, found '2026-W05-1'"),
    (["--until", "yesterday"], "expected a date as YYYY-MM-DD behind --until, found 'yesterday'"),
    (["--until", "2026-02-30"], "expected a day of the calendar behind --until, found 2026-02-30"),
    (["--date", "٢٠٢٦-٠١-٣١"], "expected a date as YYYY-MM-DD behind --date, found '٢٠٢٦-٠١-٣١'"),
    (["--date", ""], "expected a date as YYYY-MM-DD behind --date, found ''"),
    (
        ["--since", "2026-02-02", "--until", "2026-02-01"],
        "expected --since not to be after --until, found 2026-02-02 and 2026-02-01",
    ),
    (["--date", "2026-02-02", "--until", "2026-02-02"], "expected one of --date and --until, found both"),
    (
        ["--runtime", "cluade"],
        "expected claude, openclaw or api behind --runtime, found 'cluade'; did you mean claude?",
    ),
    (["--runtime", "claude,"], "expected claude, openclaw or api behind --runtime, found ''"),
    (["--by", "modle"], f"expected {DIMENSION_NAMES} behind --by, found 'modle'; did you mean model?"),
    (["daily", "--by", "day"], "expected what else daily is to be split by behind --by, found its own 'day'"),
    (
        ["models", "--by", "provider"],
        "expected what else models is to be split by behind --by, found its own 'provider'",
    ),
    (["daily", "--by", "tool"], "expected no tool behind --by for daily: a turn may call several, or none"),
    (["blocks", "--by", "day"], "expected no day behind --by for blocks, which are times themselves"),
    (["--json", "--csv"], "expected one of --json and --csv, found both"),
    (["--session", " "], "expected a value behind --session, found ' '"),
    (["cost", "--json"], "expected no --json beside cost, the text of a chat"),
    (["cost", "--since", "2026-01-01"], "expected no --since beside cost, the text of a chat"),
    (
        ["daily", "weekly"],
        f"expected at most 1 of {usage.COMMAND.operands}, found 'weekly' too",
    ),
    (["--sinec", "2026-01-01"], "unknown option --sinec; did you mean --since?"),
    (["--since"], "expected a value behind --since: --since DATE"),
]


@pytest.mark.parametrize(("words", "error"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_options_that_are_off(words: list[str], error: str, cli: CommandLine, ledger: Path) -> None:
    assert cli("usage", *words) == (2, "", f"usagebar usage: {error}\n{HELP}")
    assert not ledger.exists()


def test_a_zone_that_is_none(cli: CommandLine) -> None:
    ran = cli("usage", "--timezone", "Europe/Berln")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usagebar usage: expected a time zone")
    assert "Europe/Berlin" in ran.err


def test_a_file_that_is_no_ledger(cli: CommandLine, ledger: Path) -> None:
    ledger.write_bytes(b"This is a text of mine, and no database at all. " * 100)
    before = ledger.read_bytes()
    ran = cli("usage", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usagebar usage: ")
    assert str(ledger) in ran.err
    assert ledger.read_bytes() == before


def test_paths_are_data_too(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "\x1b[31mred"
    path.write_bytes(b"no database " * 1000)
    monkeypatch.setenv("USAGEBAR_LEDGER", str(path))
    ran = cli("usage")
    assert (ran.code, ran.out) == (2, "")
    assert "␛[31mred" in ran.err
    assert "\x1b" not in ran.err


@pytest.mark.parametrize("form", ["table", "json", "csv", "cost"])
def test_what_was_not_read_is_told(
    form: str, cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path / "ledger.sqlite")
    found = Imported(1, 10, 0, 0, {"bad line": 2, "long line": 1}, ["archive \x1b[31m.zst needs zstandard"], ["/logs"])
    monkeypatch.setattr(importing, "import_all", lambda *_, **__: found)
    ran = cli("usage", *{"table": [], "cost": ["cost"]}.get(form, [f"--{form}"]))
    assert ran.code == 0
    unread, problems = "archive ␛[31m.zst needs zstandard", "could not be read: 2 bad lines, 1 long line"
    if form in ("csv", "cost"):  # which have no place for it
        assert ran.err == f"usagebar usage: {unread}\nusagebar usage: {problems}\n"
        assert unread not in ran.out
        return
    assert ran.err == ""
    if form == "json":
        assert json.loads(ran.out)["notes"] == ["archive \x1b[31m.zst needs zstandard", problems]
    else:
        assert ran.out.endswith(f"\n{unread}\n{problems}\n")


def test_what_was_not_read_is_told_at_every_run(cli: CommandLine, home: Path) -> None:
    folder = home / ".claude" / "projects" / "here"
    folder.mkdir(parents=True)
    for number in range(2):
        (folder / f"{number}.jsonl").write_text('{"broken\n', "utf-8")
    for words in ([], [], ["--no-import"]):
        notes = json.loads(cli("usage", "--json", *words).out)["notes"]
        assert notes == ["could not be read: 2 bad lines"], words


def test_prices_that_cannot_be_read_for_new_turns(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    excerpt = "new turns have no price: wrong\n  1 │ {\x1b\n    ╵ ^"
    monkeypatch.setattr(importing, "import_all", lambda *_, **__: Imported(0, 0, 0, 0, {}, [excerpt], []))
    assert cli("usage").out.endswith("\nnew turns have no price: wrong\n  1 │ {␛\n    ╵ ^\n")


def test_a_ledger_that_cannot_be_stored(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("USAGEBAR_LEDGER", str(tmp_path / "file" / "ledger.sqlite"))
    ran = cli("usage")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("no usage found\n")
    [note] = json.loads(cli("usage", "--json").out)["notes"]
    assert "".join(note.split()) in "".join(ran.out.split())


@pytest.mark.usefixtures("corpus")
def test_prices_that_cannot_be_read(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "wrong.json"
    path.write_text('{"cheap-1": {"input": "much"}}', "utf-8")
    monkeypatch.setenv("USAGEBAR_PRICES", str(path))
    ran = cli("usage", "--as-model", "cheap-1", *STORED)
    assert (ran.code, ran.out) == (2, "")
    assert "wrong.json" in ran.err


@pytest.mark.usefixtures("corpus")
def test_offline_changes_nothing(cli: CommandLine) -> None:
    assert cli("usage", "--offline", *STORED) == cli("usage", *STORED)


# ---------------------------------------------------------------- budgets


def budgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *found: dict[str, Any]) -> None:
    path = tmp_path / "budgets.json"
    path.write_text(json.dumps({"budgets": found}), "utf-8")
    monkeypatch.setenv("USAGEBAR_BUDGETS", str(path))


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
@pytest.mark.usefixtures("corpus")
def test_a_budget_that_is_spent(
    form: list[str], cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily = {"limit_usd": 0.5, "period": "daily"}
    budgets(tmp_path, monkeypatch, daily, {"limit_usd": 10, "period": "monthly", "name": "all\x1b[31m"})
    ran = cli("usage", *form, *STORED, "--check-budget")
    assert ran.code == 3
    # In two decimals they would be the same.
    spent = "usagebar usage: budget daily is spent: $0.5042 of $0.5000 (101%, turns without a price left out)\n"
    assert ran.err == spent
    assert cli("usage", *form, *STORED).code == 0
    if form == ["--json"]:
        found = json.loads(ran.out)
        VALIDATOR.validate(found)
        assert [(each["name"], each["isSpent"]) for each in found["budgets"]] == [
            ("daily", True),
            ("all\x1b[31m", False),
        ]
    elif not form:
        assert "\nbudget all␛[31m: $0.56 of $10.00 (6%, turns without a price left out)\n" in ran.out


@pytest.mark.usefixtures("corpus")
def test_no_budget_is_spent(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = cli("usage", *STORED, "--check-budget")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("\nno budgets are configured\n")
    budgets(tmp_path, monkeypatch, {"limit_usd": 0.6, "period": "daily"})
    assert cli("usage", "cost", *STORED, "--check-budget").code == 0


def test_budgets_that_cannot_be_read(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budgets(tmp_path, monkeypatch, {"limit_usd": -1, "period": "daily"})
    ran = cli("usage", *STORED, "--check-budget")
    assert (ran.code, ran.out) == (2, "")
    assert "limit_usd" in ran.err


@pytest.mark.parametrize("words", [["cost"], ["--csv"]])
@pytest.mark.usefixtures("corpus")
def test_no_budgets_are_said_where_reports_have_no_place(words: list[str], cli: CommandLine) -> None:
    ran = cli("usage", *words, *STORED, "--check-budget")
    assert (ran.code, ran.err) == (0, "usagebar usage: no budgets are configured\n")
    assert "budgets" not in ran.out


@pytest.mark.usefixtures("corpus")
def test_a_budget_of_nobody(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budgets(tmp_path, monkeypatch, {"limit_usd": 1, "period": "daily", "agent": "mian"})
    told = "no turn of agent mian is stored"
    shown = cli("usage", *STORED, "--check-budget").out
    assert shown.endswith(f"\nbudget daily, agent mian: $0.00 of $1.00 (0%); {told}\n")
    assert [each["note"] for each in reported(cli, "--check-budget")["budgets"]] == [told]
    ran = cli("usage", "cost", *STORED, "--check-budget")
    assert (ran.code, ran.err) == (0, f"usagebar usage: budget daily, agent mian: {told}\n")


# What is spent of which limit, and how it is told.
NEAR = [
    (0.5042, "$0.50 of $0.50 (100%", True),
    (0.5043, "$0.5042 of $0.5043 (99%", False),
    (0.5041, "$0.5042 of $0.5041 (100%", True),
    (0.50420000001, "$0.50420000000 of $0.50420000001 (99%", False),
    (0.505, "$0.50 of $0.51 (99%", False),
]


@pytest.mark.parametrize(("limit", "told", "is_spent"), NEAR)
@pytest.mark.usefixtures("corpus")
def test_budgets_that_are_nearly_spent(
    limit: float, told: str, is_spent: bool, cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets(tmp_path, monkeypatch, {"limit_usd": limit, "period": "daily"})
    ran = cli("usage", *STORED, "--check-budget")
    assert ran.code == (3 if is_spent else 0)
    assert f"budget daily{' is spent' if is_spent else ''}: {told}" in (ran.err if is_spent else ran.out)


def test_budgets_are_over_all_runtimes(
    cli: CommandLine, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of one runtime reads the logs of all, if it is to check budgets."""
    folder = home / ".claude" / "projects" / "here"
    folder.mkdir(parents=True)
    usage_of = {"input_tokens": 10, "output_tokens": 1}
    message = {"id": "m", "model": "mystery-1", "role": "assistant", "content": [], "usage": usage_of}
    line = {"type": "assistant", "sessionId": "one", "requestId": "r", "message": message, "costUSD": 2.5}
    line["timestamp"] = "2026-03-30T00:00:00.000Z"
    (folder / "one.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    budgets(tmp_path, monkeypatch, {"limit_usd": 2, "period": "daily"})
    words = ["--runtime", "openclaw", "--json"]
    assert cli("usage", *words).code == 0
    ran = cli("usage", *words, "--check-budget")
    assert ran.code == 3
    found = json.loads(ran.out)
    assert (found["totals"]["turns"], found["budgets"][0]["spentUsd"]) == (0, 2.5)
