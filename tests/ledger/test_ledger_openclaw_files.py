"""OpenClaw's transcripts in files: growing, torn, replaced, vanished, compressed, damaged, and made to do harm."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from openclaw_data import Ledger, lines_of, sessions_of, source_of

from usagebar.ledger.reading.kinds import read_source
from usagebar.ledger.reading.openclaw import archives as openclaw_archives
from usagebar.ledger.reading.openclaw import forks as openclaw_forks
from usagebar.ledger.reading.openclaw.files import read_openclaw_archive, read_openclaw_file


def answer(name: str, tokens: int = 1, **message: object) -> dict[str, Any]:
    said = {"role": "assistant", "model": "m", "usage": {"input": tokens, "output": 0, "cost": {"total": 0.5}}}
    return {"type": "message", "id": name, "message": said | message}


def session(name: str, **more: object) -> dict[str, Any]:
    return {"type": "session", "id": name, "timestamp": "2026-03-01T09:00:00Z", "cwd": "/w"} | more


def inputs(ledger: Ledger) -> list[int]:
    return sorted(turn.input or 0 for turn in ledger.turns.values())


def test_a_transcript_grows(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(lines_of([session("s"), {"type": "model_change", "provider": "p", "modelId": "n"}, answer("a")]))
    ledger = Ledger().read([source_of(path)])
    more = answer("b", 2)
    del more["message"]["model"]
    with path.open("ab") as file:
        file.write(lines_of([more]))
    begun = ledger.states[str(path)]
    ledger.read([source_of(path)])
    assert begun.offset < ledger.states[str(path)].offset == path.stat().st_size
    assert [(turn.session_id, turn.model, turn.provider, turn.project) for turn in ledger.turns.values()] == [
        ("s", "m", None, "/w"),
        ("s", "n", "p", "/w"),
    ]


def test_a_fork_is_still_one_when_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "child.jsonl"
    path.write_bytes(lines_of([session("child", parentSession="/x/parent.jsonl")]))
    ledger = Ledger().read([source_of(path)])
    with path.open("ab") as file:
        file.write(lines_of([answer("a", timestamp=5), answer("b", timestamp=10**13)]))
    ledger.read([source_of(path)])
    assert [turn.session_id for turn in ledger.turns.values()] == ["parent", "child"]


def test_forks_of_forks_are_followed_through_the_folder(tmp_path: Path) -> None:
    old, new = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
    (tmp_path / "root.jsonl").write_bytes(lines_of([session("root"), answer("a", timestamp=5)]))
    parent = [session("parent", parentSession="root", timestamp=old), answer("a", timestamp=5)]
    (tmp_path / "parent.jsonl").write_bytes(lines_of(parent))
    child = [session("child", parentSession="/x/parent.jsonl", timestamp=new), answer("a", timestamp=5)]
    (tmp_path / "child.jsonl").write_bytes(lines_of(child))
    ledger = Ledger().read(source_of(path) for path in sorted(tmp_path.iterdir()))
    assert [turn.session_id for turn in ledger.turns.values()] == ["root"]


def test_a_transcript_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(lines_of([session("s"), answer("a", 1), answer("b", 2)]))
    ledger = Ledger().read([source_of(path)])
    for content in ([session("t"), answer("c", 3)], [session("u"), answer("d", 4), answer("e", 5), answer("f", 6)]):
        path.write_bytes(lines_of(content))
        ledger.read([source_of(path)])
    assert inputs(ledger) == [1, 2, 3, 4, 5, 6]
    assert {turn.session_id for turn in ledger.turns.values()} == {"s", "t", "u"}


def test_without_a_session_line_the_name_tells(tmp_path: Path) -> None:
    path = tmp_path / "stem.jsonl.reset.2026-01-01T00-00-00.000Z"
    path.write_bytes(lines_of([answer("a")]))
    (turn,) = Ledger().read([source_of(path)]).turns.values()
    assert turn.session_id == "stem"
    whole = tmp_path / "else.jsonl"
    whole.write_bytes(lines_of([session("stem"), answer("a")]))
    (same,) = Ledger().read([source_of(whole)]).turns.values()
    assert same.key == turn.key


def test_small_parts_end_as_one_does(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(lines_of([session("s"), *(answer(f"a{number}", number) for number in range(50)), "no event"]))
    source = source_of(path)
    (whole,) = read_openclaw_file(source, None)
    parts = list(read_openclaw_file(source, None, part_bytes=300))
    assert len(parts) > 10
    assert [turn for part in parts for turn in part.turns] == whole.turns
    assert [record for part in parts for record in part.sessions][:1] == whole.sessions
    assert parts[-1].state == whole.state
    assert [part.state.offset for part in parts] == sorted({part.state.offset for part in parts})
    for before in parts[:-1]:
        rest = [turn for part in read_openclaw_file(source, before.state) for turn in part.turns]
        assert before.state.size != source.size
        assert before.turns[-1] not in rest
        assert rest == whole.turns[len(whole.turns) - len(rest) :]


def test_what_is_no_event_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b'{"torn\n\n  \n[]\r\n' + lines_of([answer("a")]) + b"\x00\n" + b'{"type":"message","mess')
    ledger = Ledger().read([source_of(path)])
    assert (inputs(ledger), ledger.problems) == ([1], {"bad line": 2})


def test_a_last_line_that_is_whole_counts(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(lines_of([answer("a", 1), answer("b", 2)])[:-1])
    ledger = Ledger().read([source_of(path)])
    assert inputs(ledger) == [1, 2]
    with path.open("ab") as file:
        file.write(b"\n" + lines_of([answer("c", 3)]))
    assert inputs(ledger.read([source_of(path)])) == [1, 2, 3]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    gone, folder = tmp_path / "gone.jsonl", tmp_path / "folder.jsonl"
    folder.mkdir()
    gone.touch()
    for kind in ("openclaw-jsonl", "openclaw-zst"):
        gone.touch()
        sources = [source_of(gone, kind), source_of(folder, kind)]
        gone.unlink()
        ledger = Ledger().read(sources)
        assert ledger.unread == [f"{gone}: No such file or directory", f"{folder}: Is a directory"]
        for source in sources:
            assert ledger.states[source.path].size != source.size


def test_a_list_of_sessions_that_is_none_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "sessions.json").write_text("[]")
    path = tmp_path / "s.jsonl"
    path.write_bytes(lines_of([session("s"), answer("a")]))
    listed = source_of(tmp_path / "sessions.json", "openclaw-sessions")
    ledger = Ledger().read([source_of(path), listed])
    assert ledger.unread == [f"{tmp_path}/sessions.json: expected a JSON object, found list"]
    assert ledger.states[listed.path].size != listed.size
    assert [(turn.agent_id, turn.origin) for turn in ledger.turns.values()] == [("main", None)]


def archive(path: Path, *frames: bytes) -> Path:
    path.write_bytes(b"".join(frames))
    return path


TWO = lines_of([session("s"), answer("a", 1)]), lines_of([answer("b", 2)])


def test_frames_one_after_another(tmp_path: Path) -> None:
    path = archive(tmp_path / "s.jsonl.zst", *map(zstandard.compress, TWO))
    ledger = Ledger().read([source_of(path, "openclaw-zst")])
    assert (inputs(ledger), ledger.problems, ledger.unread) == ([1, 2], {}, [])


def test_an_archive_in_parts(tmp_path: Path) -> None:
    content = lines_of([session("s"), *(answer(f"a{number}", number) for number in range(50))])
    source = source_of(archive(tmp_path / "s.jsonl.zst", zstandard.compress(content)), "openclaw-zst")
    (whole,) = read_openclaw_archive(source, None)
    parts = list(read_openclaw_archive(source, None, part_bytes=300))
    assert len(parts) > 10
    assert [turn for part in parts for turn in part.turns] == whole.turns
    assert parts[-1].state == whole.state
    assert all(part.state.size != source.size for part in parts[:-1])


def test_an_archive_that_ends_too_early(tmp_path: Path) -> None:
    content = lines_of([session("s"), *(answer(os.urandom(9).hex(), number) for number in range(20_000))])
    packed = zstandard.compress(content)
    path = archive(tmp_path / "s.jsonl.zst", packed[: len(packed) // 2])
    ledger = Ledger().read([source_of(path, "openclaw-zst")])
    assert ledger.states[str(path)].problems == {"damaged archive": 1}
    assert 5_000 < len(ledger.turns) < 15_000
    assert (ledger.problems, ledger.unread) == ({}, [f"{path}: ends in the middle of a line"])


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x28\xb5\x2f\xfd"])
def test_archives_that_are_none(tmp_path: Path, content: bytes) -> None:
    path = archive(tmp_path / "s.jsonl.zst", content)
    ledger = Ledger().read([source_of(path, "openclaw-zst")])
    assert (ledger.turns, ledger.problems) == ({}, {})
    assert len(ledger.unread) == content.startswith(b"no")


def test_what_comes_before_the_damage_counts(tmp_path: Path) -> None:
    many = lines_of([session("s"), *(answer(os.urandom(9).hex(), 1) for _ in range(20_000))])
    path = archive(tmp_path / "s.jsonl.zst", zstandard.compress(many), b"x" * 99, zstandard.compress(TWO[1]))
    ledger = Ledger().read([source_of(path, "openclaw-zst")])
    (complaint,) = ledger.unread
    assert complaint.startswith(f"{path}: damaged (")
    assert len(ledger.turns) > 15_000
    assert set(inputs(ledger)) == {1}


@pytest.mark.parametrize("filling", [b"\n", b"x"])
def test_an_archive_that_expands_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filling: bytes) -> None:
    monkeypatch.setattr(openclaw_archives, "_LEAST_LIMIT", 4 << 20)
    lines = TWO[0] + b" " * 300_000
    bomb = zstandard.compress(filling * (8 << 20))
    path = archive(tmp_path / "s.jsonl.zst", zstandard.compress(lines), *[bomb] * 4)
    ledger = Ledger().read([source_of(path, "openclaw-zst")])
    assert (inputs(ledger), ledger.unread) == ([1], [f"{path}: expands to more than any transcript does"])


def test_an_archive_that_asks_for_much_memory(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    path = archive(tmp_path / "s.jsonl.zst", packer.compress(TWO[0]), packer.flush())
    ledger = Ledger().read([source_of(path, "openclaw-zst")])
    (complaint,) = ledger.unread
    assert complaint.startswith(f"{path}: damaged (")


def test_without_the_package_archives_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "s.jsonl.zst", zstandard.compress(TWO[0]))
    source = source_of(path, "openclaw-zst")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "zstandard", None)
        ledger = Ledger().read([source])
    assert ledger.unread == [f"{path}: compressed, and the package zstandard is not installed"]
    assert ledger.states[str(path)].size != source.size
    assert inputs(ledger.read([source])) == [1]


def test_the_same_session_in_many_places(tmp_path: Path) -> None:
    folder = sessions_of(tmp_path)
    content = lines_of([session("s"), answer("a", 1), answer("b", 2)])
    (folder / "s.jsonl").write_bytes(content)
    (folder / "s.jsonl.reset.2026-01-01T00-00-00.000Z").write_bytes(content)
    (folder / "s.jsonl.deleted.2026-01-01T00-00-00.000Z").write_bytes(content)
    (folder / "s.jsonl.deleted.2026-01-01T00-00-00.000Z.00ff.zst").write_bytes(zstandard.compress(content))
    shutil.copytree(tmp_path / "agents" / "main", tmp_path / "agents" / "copied")
    ledger = Ledger().run(tmp_path)
    assert (ledger.parts, inputs(ledger)) == (8, [1, 2])


EVENTS = st.builds(answer, st.sampled_from("abcde"), st.integers(0, 9))


@given(st.lists(st.lists(EVENTS, max_size=4), max_size=4), st.randoms(use_true_random=False))
def test_appended_in_any_steps(tmp_path_factory: pytest.TempPathFactory, steps: list[Any], chance: Any) -> None:
    path = tmp_path_factory.mktemp("grown") / "s.jsonl"
    path.touch()
    ledger = Ledger()
    for events in steps:
        content = lines_of(events)
        cut = chance.randint(0, len(content))
        for piece in (content[:cut], content[cut:]):
            with path.open("ab") as file:
                file.write(piece)
            ledger.read([source_of(path)])
    at_once = Ledger().read([source_of(path)])
    assert (ledger.turns, ledger.problems) == (at_once.turns, {})


def test_memory_does_not_grow_with_a_line(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    text = json.dumps(answer("a", 7, content=[{"type": "text", "text": "TEXT"}])).encode()
    before, after = text.split(b"TEXT")
    packer = zstandard.ZstdCompressor().compressobj()
    with path.open("wb") as file, (tmp_path / "t.jsonl.zst").open("wb") as packed:
        for piece in (before, *(os.urandom(1 << 19).hex().encode() for _ in range(64)), after + b"\n"):
            file.write(piece)
            packed.write(packer.compress(piece))
        packed.write(packer.flush())
    for source in (source_of(path), source_of(tmp_path / "t.jsonl.zst", "openclaw-zst")):
        tracemalloc.start()
        ledger = Ledger().read([source])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert inputs(ledger) == [7]
        assert most < 32 << 20


UUID = "6b1d6ad8-5a0c-4f6d-9a53-0d6a5b1c2e3f"
# The grandparent's events and the parent's are copied into the child, which begins at 3000 ms.
CHAIN = {
    "root": [session("root", timestamp=500), answer("a", 1, timestamp=1000)],
    UUID: [
        session(UUID, timestamp=1500, parentSession="/x/root.jsonl"),
        answer("a", 1, timestamp=1000),
        answer("b", 2, timestamp=2000),
    ],
    "child": [
        session("child", timestamp=2500, parentSession=f"/x/{UUID}-topic-5.jsonl"),
        answer("a", 1, timestamp=1000),
        answer("b", 2, timestamp=2000),
        answer("c", 3, timestamp=3000),
    ],
}
OWNED = {("root", 1, "main"), (UUID, 2, "main"), ("child", 3, "main")}


def owners(ledger: Ledger) -> set[tuple[object, ...]]:
    return {(turn.session_id, turn.input, turn.agent_id) for turn in ledger.turns.values()}


@pytest.mark.parametrize(
    "name",
    [
        f"{UUID}.jsonl",
        f"{UUID}-topic-5.jsonl",
        f"{UUID}.jsonl.reset.2026-03-01T09-00-06.000Z",
        f"{UUID}-topic-5.jsonl.deleted.2026-03-01T09-00-06.000Z",
        f"{UUID}.jsonl.deleted.2026-03-01T09-00-06.000Z.00ff.zst",
        f"cold/{UUID}.jsonl.zst",
    ],
)
def test_a_parent_of_any_name(tmp_path: Path, name: str) -> None:
    folder = sessions_of(tmp_path)
    parent = folder / name
    parent.parent.mkdir(exist_ok=True)
    content = lines_of(CHAIN[UUID])
    if "cold" in name:
        wrapped = [{"kind": "event", "row": {"event_json": json.dumps(event)}} for event in CHAIN[UUID]]
        content = lines_of([{"kind": "header", "sessionId": UUID}, *wrapped])
    parent.write_bytes(zstandard.compress(content) if name.endswith(".zst") else content)
    # Files whose names begin alike, and are of others.
    (folder / f"{UUID}-2.jsonl").write_bytes(lines_of([session("else")]))
    (folder / f"{UUID}.trajectory.jsonl").write_bytes(lines_of([session(UUID)]))
    for other in ("root", "child"):
        (folder / f"{other}.jsonl").write_bytes(lines_of(CHAIN[other]))
    assert owners(Ledger().run(tmp_path)) == OWNED


def test_a_parent_that_is_found_later(tmp_path: Path) -> None:
    (tmp_path / "child.jsonl").write_bytes(lines_of(CHAIN["child"]))
    assert {turn.session_id for turn in Ledger().read([source_of(tmp_path / "child.jsonl")]).turns.values()} == {
        UUID,
        "child",
    }
    (tmp_path / f"{UUID}.jsonl").write_bytes(lines_of(CHAIN[UUID]))
    os.utime(tmp_path, ns=(0, 0))
    assert "root" in {turn.session_id for turn in Ledger().read([source_of(tmp_path / "child.jsonl")]).turns.values()}


def test_a_fork_into_another_agent(tmp_path: Path) -> None:
    main, work = sessions_of(tmp_path), sessions_of(tmp_path, "work")
    for name in ("root", UUID):
        (main / f"{name}.jsonl").write_bytes(lines_of(CHAIN[name]))
    head = session("child", timestamp=2500, parentSession=f"/elsewhere/agents/main/sessions/{UUID}.jsonl")
    (work / "child.jsonl").write_bytes(lines_of([head, *CHAIN["child"][1:]]))
    expected = {("root", 1, "main"), (UUID, 2, "main"), ("child", 3, "work")}
    assert owners(Ledger().run(tmp_path)) == expected
    assert owners(Ledger().read([source_of(work / "child.jsonl", agent="work")])) == expected


@pytest.mark.parametrize(
    ("parent", "agent"),
    [
        ("/x/agents/main/sessions/gone.jsonl", "main"),
        ("C:\\x\\agents\\main\\sessions\\gone.jsonl", "main"),
        ("sqlite:main:gone:/x", "main"),
        ("/x/sessions/gone.jsonl", None),
        ("gone", None),
    ],
)
def test_whose_the_copies_of_a_lost_parent_are(tmp_path: Path, parent: str, agent: str | None) -> None:
    path = tmp_path / "child.jsonl"
    path.write_bytes(lines_of([session("child", timestamp=2500, parentSession=parent)]))
    source = source_of(path, agent="work")
    ledger = Ledger().read([source])
    with path.open("ab") as file:
        file.write(lines_of([answer("a", 1, timestamp=2500), answer("b", 2, timestamp=2501)]))
    ledger.read([source_of(path, agent="work")])
    assert owners(ledger) == {("gone", 1, agent), ("child", 2, "work")}


def test_no_path_is_made_of_what_a_log_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(lines_of([session("../../../outside", parentSession="root")]))
    folder = sessions_of(tmp_path)
    opened: list[str] = []

    def open_nothing(path: str) -> Any:
        opened.append(path)
        raise FileNotFoundError

    monkeypatch.setattr(openclaw_forks, "opened", open_nothing)
    hostile = (
        "sqlite:..:../../../outside:/x",
        "sqlite:../..:outside:/x",
        "sqlite:main:nul\0:/x",
        f"sqlite:main:{outside}:",
    )
    for number, parent in enumerate(hostile):
        (folder / f"{number}.jsonl").write_bytes(
            lines_of([session("s", parentSession=parent), answer("a", timestamp=5)])
        )
    ledger = Ledger().run(tmp_path)
    assert (len(ledger.turns), opened, ledger.unread) == (4, [], [])


def test_a_parent_or_a_list_that_would_be_waited_for(tmp_path: Path) -> None:
    folder = sessions_of(tmp_path)
    for name in (f"{UUID}.jsonl", "sessions.json"):
        os.mkfifo(folder / name)
    (folder / "child.jsonl").write_bytes(lines_of(CHAIN["child"]))
    ledger = Ledger().run(tmp_path)
    assert (inputs(ledger), ledger.unread) == ([1, 2, 3], [])
    pipe = source_of(folder / f"{UUID}.jsonl")
    assert Ledger().read([pipe]).unread == [f"{pipe.path}: not a regular file"]
    listed = source_of(folder / "sessions.json", "openclaw-sessions")
    assert Ledger().read([listed]).unread == [f"{listed.path}: not a regular file"]


def test_a_list_of_sessions_that_comes_later(tmp_path: Path) -> None:
    folder = sessions_of(tmp_path)
    (folder / "s.jsonl").write_bytes(lines_of([session("s"), answer("a")]))
    ledger = Ledger().run(tmp_path)
    assert ledger.sessions["s"].origin is None
    entries = {"agent:main:discord:group:1": {"sessionId": "s", "label": "Ops"}, "cron:job": {"sessionId": "t"}}
    (folder / "sessions.json").write_text(json.dumps(entries))
    (part,) = read_source(source_of(folder / "sessions.json", "openclaw-sessions"), None)
    assert (part.turns, part.problems, part.unread) == ([], {}, ())
    assert [record[1:] for record in part.sessions] == [
        ("s", "agent:main:discord:group:1", "main", "discord", "Ops", None),
        ("t", "cron:job", "main", "cron:job", None, None),
    ]
    ledger.run(tmp_path)
    assert ledger.sessions["s"].origin == "discord"
    state, found = ledger.states[str(folder / "sessions.json")], (folder / "sessions.json").stat()
    assert (state.size, state.mtime_ns, state.inode) == (found.st_size, found.st_mtime_ns, found.st_ino)


def test_problems_so_far(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"{\n" + lines_of([answer("a")]) + b"{\n")
    for most in (10**6, 1):
        ledger = Ledger()
        for part in read_openclaw_file(source_of(path), None, part_bytes=most):
            ledger.take(part)
        assert ledger.states[str(path)].problems == ledger.problems == {"bad line": 2}
    with path.open("ab") as file:
        file.write(lines_of([answer("b")]) + b"{\n{")
    ledger.read([source_of(path)])
    assert ledger.states[str(path)].problems == {"bad line": 3}
    path.write_bytes(lines_of([answer("c")]) + b"{\n")
    ledger.read([source_of(path)])
    assert ledger.states[str(path)].problems == {"bad line": 1}
    path.write_bytes(lines_of([answer("d")]))
    ledger.read([source_of(path)])
    assert ledger.states[str(path)].problems is None


def test_lines_behind_zeros_and_marks(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    good = json.dumps(answer("a")).encode()
    path.write_bytes(
        b"\xef\xbb\xbf" + good + b"\n" + b"\0" * 500 + good.replace(b'"a"', b'"b"') + b"\0\n\xef\xbb\xbf\n"
    )
    ledger = Ledger().read([source_of(path)])
    assert (inputs(ledger), ledger.problems) == ([1, 1], {})
