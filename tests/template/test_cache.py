"""What `load` keeps: the bars of the paths loaded last, and what was warned of already."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from file_edits import EDITS

from usagebar import load
from usagebar.template import loader, reading, source
from usagebar.template.builtin import builtin_bar
from usagebar.template.source import SETTLED_AFTER_NS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from usagebar import Diagnostic

BROKEN = "{ not a template"
WAIT = SETTLED_AFTER_NS / 1e9 * 1.3


def footer(text: str, broken: int = 0) -> str:
    """Write a template with so many broken pieces, each of another message."""
    wrong = ["5", "null", '"y"', "true", "[]"][:broken]
    return '{"output": {"default": [' + ", ".join([f'{{"text": "{text}"}}', *wrong]) + "]}}"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_warnings", loader._Warnings())
    monkeypatch.setattr(loader, "_cache", loader._Cache())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "footer.jsonc"
    path.write_text(footer("x"))
    return path


class Counter:
    """Count the calls of functions of `os` that the package makes for this path."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        for name in ("stat", "lstat", "open", "fstat"):
            monkeypatch.setattr(os, name, self.counting(name, getattr(os, name)))

    def counting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.calls.append(name)
            return function(*given, **named)

        return counted

    def taken(self) -> list[str]:
        calls, self.calls = self.calls, []
        return calls


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be old enough for its status to tell."""
    clock = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: clock() + 10 * SETTLED_AFTER_NS)


# ---------------------------------------------------------------- the cache


@pytest.mark.usefixtures("settled")
def test_one_stat_and_no_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(monkeypatch)
    first = load(path)
    assert counter.taken() == ["stat", "open", "fstat"]
    for _ in range(5):
        assert load(path) is first
        assert load(str(path)) is first
        assert counter.taken() == ["stat", "stat"]


def test_a_fresh_file_is_read_until_it_settles(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(path)
    monkeypatch.setattr(reading, "decode", None)  # the same bytes are not understood anew
    assert load(path) is first
    time.sleep(WAIT)
    counter = Counter(monkeypatch)
    assert load(path) is first
    assert "open" in counter.taken()
    assert load(path) is first
    assert counter.taken() == ["stat"]


@pytest.mark.parametrize("edit", EDITS)
def test_edits_are_seen_at_once(edit: Callable[[Path, str], None], path: Path) -> None:
    for number in range(40):
        edit(path, footer(f"{number:03}"))
        assert load(path).render({}) == f"{number:03}"


@pytest.mark.parametrize("edit", EDITS)
def test_edits_of_a_settled_file_are_seen(edit: Callable[[Path, str], None], path: Path) -> None:
    load(path)
    time.sleep(WAIT)
    assert load(path) is load(path)
    edit(path, footer("y"))
    assert load(path).render({}) == "y"


def test_edits_around_the_tick_of_the_clock(path: Path) -> None:
    for number in range(30):
        path.write_text(footer(f"{number:03}"))
        time.sleep(0.001 * (number % 7))
        assert load(path).render({}) == f"{number:03}"


@pytest.mark.usefixtures("settled")
def test_the_least_recently_used_path_goes(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonc" for number in range(loader.MAX_CACHED_PATHS + 1)]
    for path in paths:
        path.write_text(footer(path.stem))
    bars = [load(path) for path in paths[:-1]]
    assert len(bars) == 64
    assert load(paths[0]) is bars[0]  # used again: the second is the oldest now
    load(paths[-1])
    assert len(loader._cache._entries) == 64
    assert load(paths[0]) is bars[0]
    assert load(paths[2]) is bars[2]
    assert load(paths[1]) is not bars[1]
    assert load(paths[0]) is bars[0]
    assert load(paths[3]) is not bars[3]


@pytest.mark.usefixtures("settled")
def test_a_relative_path_belongs_to_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "footer.jsonc").write_text(footer(name))
    for name in "abab":
        monkeypatch.chdir(tmp_path / name)
        assert load("footer.jsonc").render({}) == name
        assert load("footer.jsonc") is load("footer.jsonc")


@pytest.mark.usefixtures("settled")
def test_verbs_are_part_of_the_key(path: Path) -> None:
    path.write_text('{"output": {"default": [{"text": "{v|shout}{v|ask}"}]}}')

    def shout(value: str) -> str:
        return value.upper()

    def ask(value: str) -> str:
        return value + "?"

    both = load(path, verbs={"shout": shout, "ask": ask})
    assert both is load(path, verbs={"ask": ask, "shout": shout})
    assert both.render({"v": "a"}) == "Aa?"
    assert load(path, verbs={"shout": ask, "ask": shout}).render({"v": "a"}) == "a?A"
    assert load(path).render({"v": "a"}) == "aa"
    assert load(path) is load(path, verbs={})
    assert load(path, verbs={"shout": shout, "ask": ask}) is both


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("text", [BROKEN, "", "5", footer("x", 1)])
def test_what_is_broken_is_kept_too(text: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(text)
    first = load(path)
    assert bool(first.diagnostics) == bool(text)
    monkeypatch.setattr(source, "_read", None)
    assert load(path) is first


def test_a_missing_file_is_not_kept(path: Path, tmp_path: Path) -> None:
    assert load(tmp_path / "later.jsonc").is_builtin
    assert not loader._cache._entries
    load(path)
    path.unlink()
    assert load(path).is_builtin
    assert not loader._cache._entries
    path.write_text(footer("y"))
    assert load(path).render({}) == "y"


def test_inline_text_is_not_kept() -> None:
    assert load(footer("x")) is not load(footer("x"))
    assert not loader._cache._entries


def test_many_threads(path: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonc" for number in range(80)]
    for each in paths:
        each.write_text(footer(each.stem))
    with ThreadPoolExecutor(8) as pool:
        rendered = list(pool.map(lambda each: load(each).render({}), paths * 8))
    assert rendered == [each.stem for each in paths] * 8
    assert len(loader._cache._entries) == 64


# ---------------------------------------------------------------- warnings


class Told:
    """Keep what a callback was told."""

    def __init__(self) -> None:
        self.findings: list[Diagnostic] = []

    def __call__(self, finding: Diagnostic) -> None:
        self.findings.append(finding)

    def taken(self) -> list[str]:
        codes = [finding.code for finding in self.findings]
        self.findings = []
        return codes


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_warning_comes_once(path: Path, told: Told, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text(BROKEN)
    for _ in range(5):
        assert load(path, on_warning=told).is_builtin
    assert told.taken() == ["invalid-json"]
    assert len(caplog.records) == 1
    assert caplog.messages[0] == f"{path}:1:3: invalid-json: {load(path).diagnostics[0].message} ($)"


def test_a_warning_comes_once_though_the_file_is_written_again(path: Path, told: Told) -> None:
    for number in range(5):
        path.write_text(BROKEN + "\n" * number)
        load(path, on_warning=told)
    assert told.taken() == ["invalid-json"]


def test_another_message_is_another_warning(path: Path, told: Told) -> None:
    for text in (BROKEN, "{ nothing", "5", BROKEN, '{"schema": 5}', '{"foo": 5}', "5"):
        path.write_text(text)
        load(path, on_warning=told)
    assert told.taken() == [
        "invalid-json",
        "invalid-json",
        "unsupported-shape",
        "unsupported-schema",
        "unsupported-shape",
    ]


def test_another_source_is_another_warning(tmp_path: Path, told: Told) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(BROKEN)
        load(tmp_path / name, on_warning=told)
    assert told.taken() == ["invalid-json"] * 2


def test_a_good_load_in_between(path: Path, told: Told) -> None:
    for text in (BROKEN, footer("x"), BROKEN, "", BROKEN, footer("x", 1), BROKEN):
        path.write_text(text)
        load(path, on_warning=told)
    # Neither a blank file nor a template with a broken part is good.
    assert told.taken() == ["invalid-json", "invalid-json", "wrong-type"]


@pytest.mark.usefixtures("settled")
def test_a_good_load_of_the_same_bytes_in_between(path: Path, told: Told, tmp_path: Path) -> None:
    for _ in range(3):
        load(path, on_warning=told)
        path.rename(tmp_path / "aside")
        path.mkdir()
        load(path, on_warning=told)
        load(path, on_warning=told)
        path.rmdir()
        (tmp_path / "aside").rename(path)
    assert told.taken() == ["unreadable"] * 3


def test_parts_of_one_message_are_all_told_of(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    source = {"output": {"default": [{"text": "x"}, {"when": 1}, {"when": 2}, 5, 6]}}
    for _ in range(3):
        load(source, on_warning=told)
    assert [finding.path for finding in told.findings] == [
        "$.output.default[1].when",
        "$.output.default[2].when",
        "$.output.default[3]",
        "$.output.default[4]",
    ]
    assert len(caplog.records) == 4


@pytest.mark.parametrize("form", [str, str.encode], ids=["str", "bytes"])
def test_an_inline_source_is_named_by_its_content(
    form: Callable[[str], Any], told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    for text in ("{ not", "{ not ", "{ not", footer("x"), "{ not"):
        load(form(text), on_warning=told)
    assert told.taken() == ["invalid-json"] * 2
    assert all(message.startswith("<text ") for message in caplog.messages)
    assert len(set(caplog.messages)) == 2


def test_a_mapping_is_named_by_its_content(told: Told) -> None:
    for extra in (1, 2, 1):
        load({"extra": extra}, on_warning=told)
    assert told.taken() == ["unsupported-shape"] * 2


def test_256_are_remembered(told: Told) -> None:
    texts = [f"{{ {number}" for number in range(loader.MAX_REMEMBERED_WARNINGS + 1)]
    assert len(texts) == 257
    for text in texts[:-1] * 2:
        load(text, on_warning=told)
    assert len(told.taken()) == 256
    load(texts[-1], on_warning=told)  # the first one is forgotten for it
    load(texts[1], on_warning=told)
    assert len(told.taken()) == 1
    load(texts[0], on_warning=told)
    assert len(told.taken()) == 1
    assert len(loader._warnings._seen) == 256


def test_more_findings_than_are_remembered(told: Told) -> None:
    tables = {f"t{number}": number for number in range(300)}
    cases = {f"{number}": number for number in range(300)}
    load({"aliases": tables, "output": {"default": [{"map": "x", "cases": cases}]}}, on_warning=told)
    assert len(told.taken()) == 600


def test_a_callback_alone_hears_nothing_twice(path: Path, told: Told) -> None:
    path.write_text(BROKEN)
    load(path)
    load(path, on_warning=told)
    assert told.taken() == []  # the operator was told by the logger


@pytest.mark.usefixtures("settled")
def test_a_callback_that_raises_is_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text(BROKEN)

    def fail(_: Diagnostic) -> None:
        raise RuntimeError("the caller's own")

    assert load(path, on_warning=fail).is_builtin
    assert caplog.messages[-1] == "on_warning raised"
    assert caplog.records[-1].exc_info


def test_a_forked_child_starts_with_locks_that_nobody_holds(path: Path) -> None:
    with loader._warnings._lock, loader._cache._lock:
        before = loader._warnings._lock, loader._cache._lock
        loader._after_fork()
        assert load(path).render({}) == "x"
    assert all(lock.locked() is False for lock in before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that fork")
def test_locks_held_at_a_fork_are_renewed(path: Path) -> None:
    with loader._warnings._lock, loader._cache._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(20)  # were it to hang
            os._exit(0 if load(path).render({}) == "x" and load('{"output": 5}').is_builtin else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_built_in_is_made_once() -> None:
    assert builtin_bar() is builtin_bar()
    assert load()._programs is load("")._programs is builtin_bar()._programs


def test_threads_are_warned_once(path: Path, told: Told) -> None:
    path.write_text(BROKEN)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: load(path, on_warning=told), range(64)))
    assert told.taken() == ["invalid-json"]
