"""`TemplateStore`: the current template of one path."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from file_edits import EDITS, rename_over

from usagebar import TemplateStore
from usagebar.template import loader, source
from usagebar.template.builtin import builtin_bar
from usagebar.template.source import MAX_BYTES, SETTLED_AFTER_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from usagebar import Diagnostic

WAIT = SETTLED_AFTER_NS / 1e9 * 1.3
BROKEN = "{ not a template"
BUILTIN = builtin_bar().render({})


def footer(text: str) -> str:
    return json.dumps({"output": {"default": [{"text": text}]}})


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_warnings", loader._Warnings())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "footer.jsonc"
    path.write_text(footer("x"))
    return path


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


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture
def stats(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List the files that `os.stat` is asked about."""
    asked: list[str] = []
    true_stat = os.stat

    def counting(path: Any, **options: Any) -> os.stat_result:
        asked.append(os.fspath(path))
        return true_stat(path, **options)

    monkeypatch.setattr(os, "stat", counting)
    return asked


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List the files that are read."""
    read: list[str] = []
    true_read = source._read

    def counting(path: str) -> bytes:
        read.append(path)
        return true_read(path)

    monkeypatch.setattr(source, "_read", counting)
    return read


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be old enough for its status to tell."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 10 * SETTLED_AFTER_NS)


def shown(served: TemplateStore) -> str:
    return served.bar.render({})


# ---------------------------------------------------------------- looking


@pytest.mark.usefixtures("settled")
def test_one_stat_an_interval(path: Path, clock: Clock, stats: list[str], reads: list[str]) -> None:
    served = TemplateStore(path, interval=2.0)
    assert (stats, reads) == ([str(path)], [str(path)])
    for tenths in range(1, 101):
        clock.now = 1000 + tenths / 10
        assert shown(served) == "x"
        assert served.bar is served.bar
        assert len(stats) == 1 + tenths // 20
    assert len(reads) == 1


@pytest.mark.usefixtures("settled")
def test_no_look_on_every_render(path: Path, clock: Clock, stats: list[str]) -> None:
    bar = TemplateStore(path).bar
    clock.now += 1000
    for _ in range(10):
        bar.render({})
    assert len(stats) == 1


@pytest.mark.parametrize(("interval", "looks"), [(0, 6), (0.0, 6), (1, 1), (float("inf"), 1)])
def test_intervals(interval: float, looks: int, path: Path, clock: Clock, stats: list[str]) -> None:
    clock.now = 0.5
    served = TemplateStore(path, interval=interval)
    for _ in range(5):
        assert shown(served) == "x"
    assert len(stats) == looks


def test_the_interval_is_a_second(path: Path, clock: Clock) -> None:
    served = TemplateStore(path)
    path.write_text(footer("y"))
    clock.now += 0.999
    assert shown(served) == "x"
    clock.now += 0.001
    assert shown(served) == "y"


def test_the_interval_counts_from_the_last_look(path: Path, clock: Clock, stats: list[str]) -> None:
    served = TemplateStore(path)
    for wait, looks in ((5.5, 2), (0.6, 2), (0.4, 3), (0.9, 3)):
        clock.now += wait
        assert served.bar
        assert len(stats) == looks


@pytest.mark.parametrize("interval", [-1, -0.001, float("nan"), float("-inf")])
def test_intervals_that_are_none(interval: float, path: Path) -> None:
    with pytest.raises(ValueError, match="expected an interval of at least 0 seconds, found "):
        TemplateStore(path, interval=interval)


@pytest.mark.parametrize("path", [None, 5, {}, ["footer.jsonc"]])
def test_paths_that_are_none(path: Any) -> None:
    with pytest.raises(TypeError):
        TemplateStore(path)


@pytest.mark.parametrize("verbs", [{"num": str}, {"shout": 5}])
def test_verbs_that_are_none(verbs: Any, path: Path) -> None:
    with pytest.raises((TypeError, ValueError)):
        TemplateStore(path, verbs=verbs)


@pytest.mark.parametrize("make", [str, Path, os.fsencode, lambda path: f"~/{path.name}"])
def test_paths(make: Callable[[Path], Any], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(path.parent))
    served = TemplateStore(make(path))
    assert shown(served) == "x"
    assert served.path == str(path)
    assert served.bar.name == str(path)
    assert repr(served) == f"<TemplateStore {str(path)!r} {served.bar!r}>"


# ---------------------------------------------------------------- changes


@pytest.mark.parametrize("edit", EDITS)
def test_quick_edits_of_one_size(edit: Callable[[Path, str], None], path: Path) -> None:
    served = TemplateStore(path, interval=0)
    for number in range(100):
        edit(path, footer(f"{number:03}"))
        assert shown(served) == f"{number:03}"


@pytest.mark.parametrize("edit", EDITS)
def test_edits_of_a_settled_file(edit: Callable[[Path, str], None], path: Path) -> None:
    served = TemplateStore(path, interval=0)
    time.sleep(WAIT)
    assert shown(served) == "x"
    assert served._snapshot
    assert served._snapshot.settled
    edit(path, footer("y"))
    assert shown(served) == "y"


def test_two_edits_within_one_tick(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second edit that leaves every part of the status as it was is seen, as the first one had not settled."""
    served = TemplateStore(path, interval=0)
    frozen = os.stat(path)
    monkeypatch.setattr(os, "stat", lambda _: frozen)
    path.write_text(footer("y"))
    assert shown(served) == "y"


@pytest.mark.usefixtures("settled")
def test_the_same_bytes_give_the_same_bar(path: Path, reads: list[str]) -> None:
    served = TemplateStore(path, interval=0)
    bar = served.bar
    rename_over(path, footer("x"))
    assert served.bar is bar
    os.utime(path)
    assert served.bar is bar
    assert len(reads) == 3


def test_a_kept_bar_stays_as_it_was(path: Path) -> None:
    served = TemplateStore(path, interval=0)
    bar = served.bar
    path.write_text(footer("y"))
    assert (shown(served), bar.render({})) == ("y", "x")


# ---------------------------------------------------------------- edits that break


def write(data: bytes) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(data))


def void(_: object) -> None:
    """Forget a result."""


def turn_into(make: Callable[[Path], Any]) -> Callable[[Path], None]:
    def breaking(path: Path) -> None:
        path.unlink()
        make(path)

    return breaking


BREAKING: dict[str, tuple[Callable[[Path], None], str]] = {
    "no JSON": (write(BROKEN.encode()), "invalid-json"),
    "half of it": (write(footer("y")[:-4].encode()), "invalid-json"),
    "empty": (write(b""), "unsupported-shape"),
    "blank": (write(b" \n"), "unsupported-shape"),
    "comments": (write(b"// soon"), "unsupported-shape"),
    "an empty object": (write(b"{}"), "unsupported-shape"),
    "no pieces": (write(b'{"output": {"default": []}}'), "unsupported-shape"),
    "an array": (write(b"[]"), "unsupported-shape"),
    "of another kind": (write(b'{"foo": 1}'), "unsupported-shape"),
    "another schema": (write(b'{"schema": "x"}'), "unsupported-schema"),
    "no UTF-8": (write(b"\xff"), "unreadable"),
    "too large": (write(b" " * (MAX_BYTES + 1)), "unreadable"),
    "a folder": (turn_into(Path.mkdir), "unreadable"),
    "a pipe": (turn_into(os.mkfifo), "unreadable"),
    "a loop": (turn_into(lambda path: path.symlink_to(path)), "unreadable"),
    "a device": (turn_into(lambda path: path.symlink_to("/dev/zero")), "unreadable"),
}


def mended(path: Path, text: str) -> None:
    if path.is_dir():
        path.rmdir()
    rename_over(path, text)


@pytest.mark.parametrize(("breaking", "code"), BREAKING.values(), ids=BREAKING)
def test_the_last_good_template_is_kept(
    breaking: Callable[[Path], None], code: str, path: Path, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    served = TemplateStore(path, interval=0, on_warning=told)
    good = served.bar
    breaking(path)
    for _ in range(5):
        assert served.bar is good
    assert told.taken() == [code]
    assert len(caplog.records) == 1
    assert caplog.messages[0].startswith(str(path))
    for text in ("x", "y"):
        mended(path, footer(text))
        assert shown(served) == text
        breaking(path)
        assert shown(served) == text
        assert told.taken() == [code]  # again, as it was good in between


@pytest.mark.parametrize(("breaking", "code"), BREAKING.values(), ids=BREAKING)
def test_never_good(breaking: Callable[[Path], None], code: str, path: Path, told: Told) -> None:
    breaking(path)
    served = TemplateStore(path, interval=0, on_warning=told)
    for _ in range(3):
        assert served.bar.is_builtin
        assert shown(served) == BUILTIN
    quiet = breaking in [BREAKING[name][0] for name in ("empty", "blank", "comments", "an empty object", "no pieces")]
    assert told.taken() == ([] if quiet else [code])
    mended(path, footer("y"))
    assert shown(served) == "y"


def test_another_way_to_be_broken_is_another_warning(path: Path, told: Told) -> None:
    served = TemplateStore(path, interval=0, on_warning=told)
    for text in (BROKEN, "", BROKEN, "[]", "", BROKEN):
        path.write_text(text)
        assert shown(served) == "x"
    assert told.taken() == ["invalid-json", "unsupported-shape", "unsupported-shape"]


def test_a_broken_part_costs_that_part_only(path: Path, told: Told) -> None:
    served = TemplateStore(path, interval=0, on_warning=told)
    path.write_text('{"output": {"default": [{"text": "y"}, {"when": 1}, {"when": 2}]}}')
    for _ in range(3):
        assert shown(served) == "y"
    assert [finding.path for finding in served.bar.diagnostics] == [
        "$.output.default[1].when",
        "$.output.default[2].when",
    ]
    assert told.taken() == ["wrong-type"] * 2
    path.write_text(BROKEN)
    assert shown(served) == "y"
    assert told.taken() == ["invalid-json"]


@pytest.mark.usefixtures("settled")
def test_a_broken_file_is_not_read_again(path: Path, reads: list[str]) -> None:
    served = TemplateStore(path, interval=0)
    path.write_text(BROKEN)
    for _ in range(5):
        assert shown(served) == "x"
    assert len(reads) == 2


# ---------------------------------------------------------------- gone and back


def test_gone_for_one_look(path: Path, told: Told) -> None:
    served = TemplateStore(path, interval=0, on_warning=told)
    good = served.bar
    for _ in range(3):
        path.unlink()
        assert served.bar is good
        path.write_text(footer("x"))
        assert served.bar is good
    path.unlink()
    assert served.bar is good
    path.write_text(footer("y"))
    assert shown(served) == "y"
    assert told.taken() == []


def test_gone_for_two_looks(path: Path, told: Told) -> None:
    served = TemplateStore(path, interval=0, on_warning=told)
    path.unlink()
    assert shown(served) == "x"
    for _ in range(3):
        assert served.bar.is_builtin
        assert shown(served) == BUILTIN
    path.write_text(footer("x"))
    assert shown(served) == "x"
    path.unlink()
    assert shown(served) == "x"
    assert served.bar.is_builtin
    assert told.taken() == []


@pytest.mark.parametrize("between", ["x", "y"])
def test_two_looks_in_a_row(between: str, path: Path) -> None:
    served = TemplateStore(path, interval=0)
    for _ in range(3):
        path.unlink()
        assert not served.bar.is_builtin
        path.write_text(footer(between))
        assert not served.bar.is_builtin


def test_something_unreadable_is_not_gone(path: Path) -> None:
    served = TemplateStore(path, interval=0)
    for _ in range(3):
        path.unlink()
        assert shown(served) == "x"
        path.mkdir()
        assert shown(served) == "x"
        path.rmdir()
        assert shown(served) == "x"
        path.write_text(BROKEN)
        assert shown(served) == "x"


def test_gone_with_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "footer.jsonc").write_text(footer("x"))
    served = TemplateStore(folder / "footer.jsonc", interval=0)
    folder.rename(tmp_path / "other")
    assert shown(served) == "x"
    assert served.bar.is_builtin
    (tmp_path / "other").rename(folder)
    assert shown(served) == "x"


def test_looks_are_counted_not_calls(path: Path, clock: Clock) -> None:
    served = TemplateStore(path)
    path.unlink()
    for _ in range(5):
        assert shown(served) == "x"
    clock.now += 1
    for _ in range(5):
        assert shown(served) == "x"
    clock.now += 1
    assert served.bar.is_builtin


def test_created_later(tmp_path: Path, told: Told) -> None:
    served = TemplateStore(tmp_path / "folder" / "footer.jsonc", interval=0, on_warning=told)
    for _ in range(3):
        assert served.bar.is_builtin
    (tmp_path / "folder").mkdir()
    assert served.bar.is_builtin
    (tmp_path / "folder" / "footer.jsonc").write_text("")
    assert served.bar.is_builtin
    (tmp_path / "folder" / "footer.jsonc").write_text(footer("x"))
    assert shown(served) == "x"
    assert told.taken() == []


def test_broken_and_then_gone(path: Path, told: Told) -> None:
    served = TemplateStore(path, interval=0, on_warning=told)
    path.write_text(BROKEN)
    assert shown(served) == "x"
    path.unlink()
    assert shown(served) == "x"
    assert served.bar.is_builtin
    path.write_text(BROKEN)
    assert served.bar.is_builtin  # what was good has gone with its file
    assert told.taken() == ["invalid-json"]


# ---------------------------------------------------------------- verbs, callbacks


def test_verbs_stay(path: Path) -> None:
    text = '{"output": {"default": [{"text": "{v|shout}%s"}]}}'
    path.write_text(text % "")
    served = TemplateStore(path, interval=0, verbs={"shout": lambda value: value.upper()})
    assert served.bar.render({"v": "a"}) == "A"
    path.write_text(text % "!")
    assert served.bar.render({"v": "a"}) == "A!"


def test_a_failing_template_renders_the_built_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = TemplateStore(path).bar
    monkeypatch.setattr(bar, "_default", 5)
    assert bar.render({}) == BUILTIN


def test_paths_that_fail() -> None:
    class Failing:
        def __fspath__(self) -> str:
            raise OSError("no path today")

    with pytest.raises(ValueError, match="expected a path, found Failing, which raised OSError"):
        TemplateStore(Failing())


def test_a_lock_held_at_a_fork_is_renewed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = TemplateStore(path, interval=0)
    path.write_text(footer("y"))
    with served._lock:
        assert shown(served) == "x"  # another thread is looking
        monkeypatch.setattr(os, "getpid", lambda: -1)
        assert shown(served) == "y"


def test_a_callback_that_raises_does_not_stop_the_store(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Diagnostic) -> None:
        raise RuntimeError("the caller's own")

    served = TemplateStore(path, interval=0, on_warning=fail)
    path.write_text(BROKEN)
    assert shown(served) == "x"
    assert caplog.messages[-1] == "on_warning raised"
    path.write_text(footer("y"))
    assert shown(served) == "y"


# ---------------------------------------------------------------- threads


def test_the_others_do_not_wait_for_the_one_that_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = TemplateStore(path, interval=0)
    path.write_text(footer("y"))
    entered, leave = threading.Event(), threading.Event()
    true_read = source._read

    def slow(name: str) -> bytes:
        entered.set()
        assert leave.wait(10)
        return true_read(name)

    monkeypatch.setattr(source, "_read", slow)
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.append(shown(served)))
    reader.start()
    assert entered.wait(10)
    assert shown(served) == "x"
    leave.set()
    reader.join(10)
    assert seen == ["y"]
    assert shown(served) == "y"


def test_two_threads_that_come_at_once_look_once(path: Path, clock: Clock, stats: list[str]) -> None:
    """The second one asked the clock before the first one looked, and gets the lock behind it."""
    served = TemplateStore(path)
    clock.now += 1

    class Late:
        """A lock that is had only after another thread was quicker."""

        def acquire(self, *, blocking: bool) -> bool:
            served._lock = threading.Lock()
            assert served.bar
            served._lock = self  # type: ignore[assignment]
            return not blocking

        def release(self) -> None:
            pass

    served._lock = Late()  # type: ignore[assignment]
    assert served.bar
    assert len(stats) == 2


class Hammer:
    """Threads that read a store's bar until they are told to stop."""

    def __init__(self, served: TemplateStore, threads: int) -> None:
        self.served = served
        self.seen: set[str] = set()
        self.errors: list[BaseException] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.seen.add(shown(self.served))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells it
            self.errors.append(error)

    def __enter__(self) -> Hammer:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(10)


@pytest.mark.parametrize("interval", [0, 0.0005])
def test_never_a_half_template(interval: float, path: Path, told: Told) -> None:
    texts = [str(number) * 2000 for number in range(10)]
    path.write_text(footer(texts[0]))
    served = TemplateStore(path, interval=interval, on_warning=told)
    with Hammer(served, 6) as hammer:
        until = time.monotonic() + 0.7
        while time.monotonic() < until:
            for text in texts:
                rename_over(path, footer(text))
    assert not hammer.errors
    assert hammer.seen <= set(texts)
    assert len(hammer.seen) > 1
    assert told.taken() == []
    time.sleep(0.001)
    assert shown(served) == texts[-1]


def breakages(path: Path) -> Iterator[Callable[[], object]]:
    yield lambda: rename_over(path, BROKEN)
    yield lambda: rename_over(path, footer("x"))
    yield lambda: rename_over(path, "")
    yield path.unlink
    yield lambda: rename_over(path, footer("y"))


def test_threads_and_a_file_that_comes_and_goes(path: Path) -> None:
    served = TemplateStore(path, interval=0)
    with Hammer(served, 6) as hammer:
        until = time.monotonic() + 0.7
        while time.monotonic() < until:
            for step in breakages(path):
                step()
    assert not hammer.errors
    assert hammer.seen <= {"x", "y", BUILTIN}
    assert shown(served) == "y"
