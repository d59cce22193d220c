"""Which files are found as logs: names, links, loops, what cannot be looked at, and what the environment names."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from openclaw_data import let_in

from usagebar.ledger.reading.finding import Found, find_sources

SESSIONS = "agents/main/sessions/"


def touch(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def claude(home: Path, **environment: str) -> Found:
    return find_sources(["claude"], environment, str(home))


def openclaw(home: Path, **environment: str) -> Found:
    return find_sources(("openclaw",), environment, str(home))


def names(found: Found, home: Path) -> set[str]:
    return {Path(source.path).relative_to(home).as_posix() for source in found.sources}


def test_nothing_is_there(tmp_path: Path) -> None:
    found = find_sources(("claude", "openclaw"), {}, str(tmp_path / "nobody"))
    assert (found.sources, found.unread) == ([], [])
    places = [".claude/projects", ".config/claude/projects", ".openclaw/agents", ".clawdbot/agents", ".moltbot/agents"]
    assert found.looked == [str(tmp_path / "nobody" / place) for place in places]


def test_only_what_is_asked_for(tmp_path: Path) -> None:
    touch(tmp_path / ".claude/projects/p/a.jsonl")
    touch(tmp_path / f".openclaw/{SESSIONS}a.jsonl")
    assert [source.kind for source in claude(tmp_path).sources] == ["claude"]
    assert [source.kind for source in openclaw(tmp_path).sources] == ["openclaw-jsonl"]
    assert find_sources((), {}, str(tmp_path)) == Found([], [], [])


def test_claude_code_at_any_depth(tmp_path: Path) -> None:
    for name in ("p/a.jsonl", "p/s/subagents/agent-1.jsonl", "top.jsonl", "p/a.json", "p/a.jsonl.bak", "p/jsonl"):
        touch(tmp_path / ".claude/projects" / name)
    touch(tmp_path / ".claude/history.jsonl")
    touch(tmp_path / ".config/claude/projects/q/b.jsonl")
    assert names(claude(tmp_path), tmp_path) == {
        ".claude/projects/p/a.jsonl",
        ".claude/projects/p/s/subagents/agent-1.jsonl",
        ".claude/projects/top.jsonl",
        ".config/claude/projects/q/b.jsonl",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", "openclaw-jsonl"),
        ("a-topic-3.jsonl", "openclaw-jsonl"),
        ("a.jsonl.reset.2026-02-01T00-00-00.000Z", "openclaw-jsonl"),
        ("a.jsonl.deleted.2026-02-01T00-00-00.000Z", "openclaw-jsonl"),
        ("a.jsonl.deleted.2026-02-01T00-00-00.000Z.0123abcd.zst", "openclaw-zst"),
        ("a.jsonl.reset.2026-02-01T00-00-00.000Z.zst", "openclaw-zst"),
        ("a.jsonl.zst", "openclaw-zst"),
        ("cold/a.jsonl.zst", "openclaw-zst"),
        ("a.trajectory.jsonl", None),
        ("a.trajectory.jsonl.deleted.2026-02-01T00-00-00.000Z", None),
        ("a.checkpoint.6b1d6ad8-5a0c-4f6d-9a53-0d6a5b1c2e3f.jsonl", None),
        (".jsonl", None),
        ("a.jsonl.bak", None),
        ("a.jsonl.lock", None),
        ("sessions.json", "openclaw-sessions"),
        ("cold/sessions.json", None),
        ("other.json", None),
        ("deeper/a.jsonl", None),
    ],
)
def test_names_among_openclaws_sessions(tmp_path: Path, name: str, kind: str | None) -> None:
    touch(tmp_path / ".openclaw" / SESSIONS / name)
    assert [(source.kind, source.agent_id) for source in openclaw(tmp_path).sources] == (
        [(kind, "main")] if kind else []
    )


def test_the_database_and_the_older_roots(tmp_path: Path) -> None:
    touch(tmp_path / ".openclaw/agents/ops/agent/openclaw-agent.sqlite")
    touch(tmp_path / ".openclaw/agents/ops/agent/openclaw-agent.sqlite-wal")
    touch(tmp_path / f".clawdbot/{SESSIONS}a.jsonl")
    touch(tmp_path / f".moltbot/{SESSIONS}b.jsonl")
    found = {(source.kind, source.agent_id, os.path.basename(source.root)) for source in openclaw(tmp_path).sources}
    assert found == {
        ("openclaw-sqlite", "ops", ".openclaw"),
        ("openclaw-jsonl", "main", ".clawdbot"),
        ("openclaw-jsonl", "main", ".moltbot"),
    }


def test_folders_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / ".claude/projects/p/unasked.jsonl")
    for place in (
        "one/projects/p/a.jsonl",
        "home/two/projects/p/b.jsonl",
        "three/projects/c.jsonl",
        "xdg/claude/projects/d.jsonl",
    ):
        touch(tmp_path / place)
    folders = f" {tmp_path}/one , ~/two,,{tmp_path}/three/projects,{tmp_path}/one,{tmp_path}/missing"
    found = claude(tmp_path / "home", CLAUDE_CONFIG_DIR=folders)
    expected = {"one/projects/p/a.jsonl", "home/two/projects/p/b.jsonl", "three/projects/c.jsonl"}
    assert names(found, tmp_path) == expected
    roots = ("one", "home/two", "three/projects")
    assert {source.root for source in found.sources} == {str(tmp_path / root) for root in roots}
    assert found.looked == [
        str(tmp_path / place) for place in ("one/projects", "home/two/projects", "three/projects", "missing/projects")
    ]
    assert names(claude(tmp_path / "home", XDG_CONFIG_HOME=f"{tmp_path}/xdg"), tmp_path) == {
        "xdg/claude/projects/d.jsonl"
    }
    monkeypatch.chdir(tmp_path)
    assert names(claude(tmp_path / "home", CLAUDE_CONFIG_DIR="one"), tmp_path) == {"one/projects/p/a.jsonl"}


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_a_list_of_nothing_is_none(tmp_path: Path, value: str) -> None:
    touch(tmp_path / ".claude/projects/p/a.jsonl")
    touch(tmp_path / f".openclaw/{SESSIONS}a.jsonl")
    environment = {"CLAUDE_CONFIG_DIR": value, "OPENCLAW_DIR": value}
    assert len(find_sources(("claude", "openclaw"), environment, str(tmp_path)).sources) == 2


def test_links_lead_to_each_file_once(tmp_path: Path) -> None:
    projects = tmp_path / ".claude/projects"
    kept = touch(projects / "p/a.jsonl")
    os.link(kept, projects / "p/z.jsonl")
    (projects / "p/link.jsonl").symlink_to("a.jsonl")
    (projects / "p/up").symlink_to(projects)  # a loop
    (projects / "again").symlink_to("p")
    (projects / "self.jsonl").symlink_to("self.jsonl")
    (projects / "self").symlink_to("self")
    (projects / "nowhere.jsonl").symlink_to("nothing")
    outside = touch(tmp_path / "elsewhere/b.jsonl")
    (projects / "other").symlink_to(outside.parent)
    found = claude(tmp_path, CLAUDE_CONFIG_DIR=f"{tmp_path}/.claude,{tmp_path}/alias")
    assert names(found, tmp_path) == {".claude/projects/p/a.jsonl", ".claude/projects/other/b.jsonl"}
    (tmp_path / "alias").symlink_to(tmp_path / ".claude")
    twice = claude(tmp_path, CLAUDE_CONFIG_DIR=f"{tmp_path}/.claude,{tmp_path}/alias")
    assert (twice.sources, twice.unread) == (found.sources, [])


def test_what_is_no_file(tmp_path: Path) -> None:
    projects = tmp_path / ".claude/projects"
    touch(projects / "folder.jsonl/a.jsonl")
    os.mkfifo(projects / "fifo.jsonl")
    (projects / "device.jsonl").symlink_to("/dev/zero")
    touch(tmp_path / ".config/claude/projects")  # a file where a folder should be
    found = claude(tmp_path)
    assert (names(found, tmp_path), found.unread) == ({".claude/projects/folder.jsonl/a.jsonl"}, [])


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    folder = tmp_path / ".claude/projects"
    folder.mkdir(parents=True)
    with open(os.fsencode(folder) + b"/\xff.jsonl", "wb"):
        pass
    (source,) = claude(tmp_path).sources
    assert os.fsencode(source.path).endswith(b"\xff.jsonl")


def test_the_longest_untouched_come_first(tmp_path: Path) -> None:
    paths = [touch(tmp_path / f".claude/projects/p{number % 7}/{number}.jsonl") for number in range(40)]
    random.Random(1).shuffle(paths)
    for age, path in enumerate(paths):
        os.utime(path, ns=(age // 2 * 10**9, age // 2 * 10**9))
    times = [(source.mtime_ns, source.path) for source in claude(tmp_path).sources]
    assert len(times) == 40
    assert times == sorted(times)


def test_sizes_are_those_of_the_files(tmp_path: Path) -> None:
    path = touch(tmp_path / f".openclaw/{SESSIONS}a.jsonl", "{}\n")
    (source,) = openclaw(tmp_path).sources
    stamp = path.stat()
    assert (source.path, source.size, source.mtime_ns, source.inode) == (str(path), 3, stamp.st_mtime_ns, stamp.st_ino)


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    touch(tmp_path / ".claude/projects/p/a.jsonl")
    closed = tmp_path / ".claude/projects/closed"
    touch(closed / "b.jsonl")
    closed.chmod(0)
    program = f"""
        import os
        from usagebar.ledger.reading.finding import find_sources
        if os.geteuid() == 0:
            os.setuid(65534)
        found = find_sources(["claude"], {{}}, {str(tmp_path)!r})
        print(len(found.sources), found.unread)
    """
    let_in(tmp_path)
    try:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
        )
    finally:
        closed.chmod(0o755)
    assert done.stdout == f"1 ['{closed}: Permission denied']\n"
