"""OpenClaw's corpus by hand: files, database, both; in any order and any split into runs."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openclaw_data import CORPUS, Ledger, corpus_totals, source_of, write_files, write_store

from usagebar.ledger.reading.finding import find_sources

KINDS = ["files", "store", "both"]


def write(folder: Path, kind: str) -> None:
    if kind != "store":
        write_files(folder)
    if kind != "files":
        write_store(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_the_totals_are_those_worked_out_on_paper(tmp_path: Path, kind: str) -> None:
    write(tmp_path, kind)
    ledger = Ledger().run(tmp_path)
    assert (ledger.totals(), ledger.problems, ledger.unread) == (corpus_totals(kind), {}, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_run_finds_nothing_new(tmp_path: Path, kind: str) -> None:
    write(tmp_path, kind)
    ledger = Ledger().run(tmp_path)
    turns = dict(ledger.turns)
    for source in find_sources(["openclaw"], {"OPENCLAW_DIR": str(tmp_path)}, "/").sources:
        state = ledger.states[source.path]
        assert (state.size, state.mtime_ns, state.inode) == (source.size, source.mtime_ns, source.inode)
    assert ledger.run(tmp_path).turns == turns


def test_where_the_turns_came_from(tmp_path: Path) -> None:
    write(tmp_path, "both")
    ledger = Ledger().run(tmp_path)
    origins = Counter((turn.session_id, turn.origin) for turn in ledger.turns.values())
    assert origins == {
        ("s-main", "user"): 3,
        ("s-group", "discord"): 2,
        ("s-cron", "cron:daily-report"): 1,
        ("s-sub", "cron:daily-report"): 1,
        ("s-old", None): 1,
        ("s-gone", None): 1,
        ("s-fork", None): 1,
        ("t-tele", "telegram"): 2,
        ("t-web", "hook:5f0c"): 1,
        ("t-ended", "cron:nightly"): 1,
        ("t-zipped", "user"): 1,
        ("t-cold", None): 1,
    }
    assert {turn.agent_id for turn in ledger.turns.values()} == {"main"}
    assert ledger.sessions["s-main"].project == "/home/ada/notes"
    titles = {session.session_id: session.title for session in ledger.sessions.values() if session.title}
    assert titles == {
        "s-main": "Home",
        "s-group": "Team",
        "s-cron": "Cron: daily report",
        "t-tele": "Ops",
        "t-hook": "Ops",
    }


def test_what_answered(tmp_path: Path) -> None:
    write(tmp_path, "both")
    models = Counter((turn.provider, turn.model) for turn in Ledger().run(tmp_path).turns.values())
    assert models == {
        ("anthropic", "claude-opus-4-6"): 10,
        ("anthropic", "claude-sonnet-4-6"): 1,
        ("openrouter", "mistral-large"): 1,
        ("google", "gemini-3-pro"): 1,
        ("openai", "gpt-5.2"): 2,
        ("openai", "gpt-5.2-mini"): 1,
    }


def test_one_turn_to_the_last_field(tmp_path: Path) -> None:
    write(tmp_path, "files")
    (turn,) = (turn for turn in Ledger().run(tmp_path).turns.values() if turn.tools)
    assert turn._asdict() == {
        "key": turn.key,
        "runtime": "openclaw",
        "machine": None,
        "session_id": "s-main",
        "agent_id": "main",
        "origin": "user",
        "project": "/home/ada/notes",
        "model": "claude-opus-4-6",
        "provider": "anthropic",
        "timestamp": 1772355605000,
        "input": 10,
        "cache_read": 30,
        "cache_write_5m": 25,
        "cache_write_1h": 15,
        "output": 20,
        "reasoning": 5,
        "latency_ms": None,
        "cost_usd": 0.25,
        "cost_source": "reported",
        "prices": None,
        "long_context": None,
        "fast": None,
        "batch": None,
        "sidechain": None,
        "tools": (("call-1", "read"), ("call-2", "exec")),
    }


@given(seed=st.integers(0, 10**9))
def test_any_order_of_files_ends_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "in-any-order"
    if not folder.exists():
        write(folder, "both")
    sources = find_sources(["openclaw"], {"OPENCLAW_DIR": str(folder)}, "/").sources
    straight = Ledger().read(sources).turns
    random.Random(seed).shuffle(sources)
    assert Ledger().read(sources).turns == straight


@given(cuts=st.lists(st.integers(0, 4000), max_size=6))
def test_any_split_into_runs_ends_the_same(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    whole = (CORPUS / "files" / "agents" / "main" / "sessions" / "s-main.jsonl").read_bytes()
    path = tmp_path_factory.mktemp("grown") / "s-main.jsonl"
    ledger = Ledger()
    for end in [*sorted(cuts), len(whole)]:
        path.write_bytes(whole[:end])
        ledger.read([source_of(path)])
    at_once = Ledger().read([source_of(path)])
    assert (ledger.turns, ledger.problems) == (at_once.turns, {})
    assert len(ledger.turns) == 3
