"""Footer modes: the tables of modes.json, the command against a model of its rules, and what stores promise."""

from __future__ import annotations

import json
import os
import runpy
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import any_text, json_scalars, nested, python_scalars

import usagebar
from usagebar.contract import ContractError, UsageContract, mode_stores, modes
from usagebar.contract.modes import (
    MODES,
    RESET_WORDS,
    FileModeStore,
    MemoryModeStore,
    Mode,
    ModeStore,
    configured_mode,
    current_mode,
    effective_mode,
    footer,
    mode_of_word,
    next_mode,
    plain_line,
    switch,
)

CASES = json.loads(Path(__file__).with_name("modes.json").read_text("utf-8"))
EXAMPLES = Path(__file__).parents[2] / "examples"
WORDS = [(word, mode) for mode, words in CASES["words"].items() for word in words]


class Word(StrEnum):
    DISCORD = "discord"
    FULL = "full"


def keep(choice: str | None) -> str | None:
    return choice


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ModeStore:
    return MemoryModeStore() if request.param == "memory" else FileModeStore(tmp_path / "modes.json")


# ---------------------------------------------------------------- which mode


def test_the_modes() -> None:
    assert get_args(Mode) == MODES == ("off", "tokens", "full")
    assert set(modes.__all__) <= set(vars(modes))


@pytest.mark.parametrize(("word", "mode"), WORDS)
def test_words(word: str, mode: str) -> None:
    assert mode_of_word(word) == mode


@pytest.mark.parametrize("word", CASES["no words"], ids=repr)
def test_no_words(word: object) -> None:
    assert mode_of_word(word) is None


def test_no_word_has_two_meanings() -> None:
    assert len({word.strip().lower() for word, _ in WORDS}) == len(modes._MODE_OF_WORD) == 19
    assert not RESET_WORDS & modes._MODE_OF_WORD.keys()
    assert {"reset", "default", "inherit", "clear", "unpin"} == RESET_WORDS


@pytest.mark.parametrize("case", CASES["configured"], ids=repr)
def test_configured(case: dict[str, Any]) -> None:
    assert configured_mode(case["config"], case["channel"]) == case["mode"]


@pytest.mark.parametrize("case", CASES["effective"], ids=repr)
def test_effective(case: dict[str, Any]) -> None:
    assert effective_mode(case["choice"], case["config"], "discord") == case["mode"]


def test_configured_by_other_types() -> None:
    config = MappingProxyType({"default": "off", "discord": Word.FULL, None: "tokens"})
    assert configured_mode(config, Word.DISCORD) == "full"
    assert configured_mode(config) == "off"
    assert configured_mode(b"full") == "off"


def test_next() -> None:
    assert [next_mode(mode) for mode in MODES] == ["tokens", "full", "off"]


@pytest.mark.parametrize(
    ("mode", "found"), [("on", "'on'"), ("", "''"), (None, "null"), ([], "an array"), ("x" * 61, f"'{'x' * 60}…'")]
)
def test_a_mode_that_is_none(mode: Any, found: str) -> None:
    bar = usagebar.load()
    for call in (next_mode, lambda mode: plain_line({}, mode), lambda mode: footer(bar, {}, mode=mode)):
        with pytest.raises(ContractError) as caught:
            call(mode)
        assert str(caught.value) == f"expected off, tokens or full, found {found}"


anything = nested(json_scalars | python_scalars)
configs = st.one_of(
    anything,
    st.dictionaries(st.sampled_from(["default", "discord", "telegram", ""]), anything | st.sampled_from(MODES)),
)


@given(choice=anything, config=configs, channel=st.none() | any_text | st.sampled_from(["discord", "default"]))
def test_whatever_is_chosen_and_configured_a_mode_holds(choice: Any, config: Any, channel: str | None) -> None:
    mode = effective_mode(choice, config, channel)
    assert mode in MODES
    assert mode == (mode_of_word(choice) or configured_mode(config, channel) or "off")


# ---------------------------------------------------------------- the command


def test_a_session(store: ModeStore) -> None:
    config = {"default": "tokens", "discord": "full"}
    assert current_mode(store, "s") == "off"
    assert current_mode(store, "s", config=config) == "tokens"
    assert current_mode(store, "s", config=config, channel="discord") == "full"
    assert switch(store, "s", config=config, channel="discord") == "off"
    assert current_mode(store, "s", config=config, channel="discord") == "off"
    assert switch(store, "s", None, config=config) == "tokens"
    assert switch(store, "s", "\n", config=config) == "full"
    assert switch(store, "s", " Disable ", config=config) == "off"
    assert current_mode(store, "t", config=config) == "tokens"
    assert switch(store, "s", " Reset ", config=config) == "tokens"
    assert store.update("s", keep) is None


@pytest.mark.parametrize("word", sorted(RESET_WORDS))
def test_reset(store: ModeStore, word: str) -> None:
    assert switch(store, "s", word.title(), config="full") == "full"
    assert switch(store, "s", "off", config="full") == "off"
    assert switch(store, "s", word, config="full") == "full"
    assert store.update("s", keep) is None


@pytest.mark.parametrize(("word", "mode"), WORDS)
def test_the_mode_is_stored_by_its_name(word: str, mode: str) -> None:
    store = MemoryModeStore()
    assert switch(store, "s", word) == mode
    assert store.update("s", keep) == mode


@pytest.mark.parametrize(
    ("argument", "found"),
    [("Loud ", "'Loud'"), ("off off", "'off off'"), ("x" * 99, f"'{'x' * 60}…'"), ("\x1b[0m'", '"\\x1b[0m\'"')],
)
def test_an_unknown_word_changes_nothing(store: ModeStore, argument: str, found: str) -> None:
    switch(store, "s", "tokens")
    with pytest.raises(ContractError) as caught:
        switch(store, "s", argument)
    assert str(caught.value) == f"expected off, tokens, full or reset, found {found}"
    assert store.update("s", keep) == "tokens"


@pytest.mark.parametrize(
    ("argument", "found"), [(5, "a number"), (True, "a boolean"), ([], "an array"), (b"off", "bytes")]
)
def test_an_argument_of_another_type(argument: Any, found: str) -> None:
    with pytest.raises(ContractError, match=f"^expected off, tokens, full or reset, found {found}$"):
        switch(MemoryModeStore(), "s", argument)


def test_a_choice_that_names_no_mode_is_ignored(store: ModeStore) -> None:
    store.update("s", lambda _: "loud")
    assert current_mode(store, "s", config="tokens") == "tokens"
    assert store.update("s", keep) == "loud"
    assert switch(store, "s", config="tokens") == "full"


arguments = st.one_of(
    st.sampled_from([word for word, _ in WORDS]),
    st.sampled_from(sorted(RESET_WORDS)),
    st.sampled_from(["", None, "loud"]),
)
sessions = st.sampled_from(["a", "b", "ä 🦞", ""])


@given(
    commands=st.lists(st.tuples(sessions, arguments), max_size=12),
    config=st.sampled_from([None, *MODES, "loud", {"default": "tokens", "discord": "full"}, {"discord": "off"}]),
    channel=st.sampled_from([None, "discord", "telegram"]),
)
def test_a_chain_of_commands(
    commands: list[tuple[str, str | None]],
    config: Any,
    channel: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("chain") / "modes.json"
    memory = MemoryModeStore()
    chosen: dict[str, Any] = {}
    inherited = configured_mode(config, channel) or "off"
    for session, argument in commands:
        word = (argument or "").strip().lower()
        if word == "loud":
            for store in (memory, FileModeStore(path)):
                with pytest.raises(ContractError):
                    switch(store, session, argument, config=config, channel=channel)
            continue
        if word in RESET_WORDS:
            chosen.pop(session, None)
        else:
            now = MODES.index(chosen.get(session, inherited))
            chosen[session] = dict(WORDS)[word] if word else MODES[(now + 1) % 3]
        holds = chosen.get(session, inherited)
        assert switch(memory, session, argument, config=config, channel=channel) == holds
        # A new store each time: nothing lives outside the file.
        assert switch(FileModeStore(path), session, argument, config=config, channel=channel) == holds
    assert memory._choices == chosen == (json.loads(path.read_text("utf-8")) if path.exists() else {})


# ---------------------------------------------------------------- stores


def test_a_change_that_fails_changes_nothing(store: ModeStore) -> None:
    switch(store, "s", "full")
    with pytest.raises(ZeroDivisionError):
        store.update("s", lambda _: str(1 // 0))
    assert store.update("s", keep) == "full"
    assert switch(store, "s", "off") == "off"


@pytest.mark.parametrize("session", [None, 5, b"s"])
def test_a_session_that_is_no_string(store: ModeStore, session: Any) -> None:
    with pytest.raises(TypeError, match=r"^expected a session id \(a string\), found (NoneType|int|bytes)$"):
        switch(store, session, "full")


def test_sessions_are_told_apart_by_their_text(store: ModeStore) -> None:
    switch(store, Word.DISCORD, "full")
    switch(store, "\ud800", "tokens")
    assert [store.update(session, keep) for session in ("discord", "DISCORD", "\ud800", "")] == [
        "full",
        None,
        "tokens",
        None,
    ]


def count_up(choice: str | None) -> str:
    return str(int(choice or 0) + 1)


def test_concurrent_updates_of_threads(store: ModeStore) -> None:
    hurry(lambda at: store.update(f"s{at % 2}", count_up))
    assert [store.update(session, keep) for session in ("s0", "s1")] == ["40", "40"]


def test_concurrent_updates_of_threads_without_locks_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode_stores, "fcntl", None)
    stores = [FileModeStore(tmp_path / "modes.json") for _ in range(2)]
    hurry(lambda at: stores[at % 2].update("s", count_up))
    assert json.loads((tmp_path / "modes.json").read_text("utf-8")) == {"s": "80"}
    assert os.listdir(tmp_path) == ["modes.json"]


def hurry(work: Callable[[int], object]) -> None:
    """Do 80 pieces of work in eight threads that switch as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(80)))
    finally:
        sys.setswitchinterval(interval)


COUNTING = """
import sys
from usagebar.contract.modes import FileModeStore
store = FileModeStore(sys.argv[1])
for _ in range(40):
    store.update("s", lambda choice: str(int(choice or 0) + 1))
    store.update(sys.argv[2], lambda _: "full")
"""


def test_concurrent_updates_of_processes(tmp_path: Path) -> None:
    path = tmp_path / "modes.json"
    others = [subprocess.Popen([sys.executable, "-c", COUNTING, str(path), f"p{number}"]) for number in range(3)]
    assert [other.wait(timeout=60) for other in others] == [0, 0, 0]
    assert json.loads(path.read_text("utf-8")) == {"s": "120", "p0": "full", "p1": "full", "p2": "full"}


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc/self/fd")
def test_a_forked_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    store = FileModeStore(tmp_path / "modes.json")
    inherited: list[int] = []

    def change(_: str | None) -> str:
        # What a fork in another thread leaves open: a second name of the very lock that is held now.
        lock = os.stat(f"{store.path}.lock")
        held = [int(name) for name in os.listdir("/proc/self/fd") if same(int(name), lock)]
        inherited.extend(os.dup(descriptor) for descriptor in held)
        return "full"

    try:
        store.update("s", change)
        assert len(inherited) == 1
        waiting = threading.Thread(target=store.update, args=("s", keep), daemon=True)
        waiting.start()
        waiting.join(timeout=30)
        assert not waiting.is_alive()
    finally:
        for descriptor in inherited:
            os.close(descriptor)


def same(descriptor: int, found: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), found)
    except OSError:  # the descriptor that listed them
        return False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "modes.json"


def test_a_file_survives_a_restart(path: Path) -> None:
    switch(FileModeStore(path), "s", "full")
    switch(FileModeStore(str(path)), "t", "off")
    assert path.read_text("utf-8") == '{\n  "s": "full",\n  "t": "off"\n}\n'
    assert current_mode(FileModeStore(os.fsencode(path)), "s") == "full"  # type: ignore[arg-type]
    assert sorted(os.listdir(path.parent)) == ["modes.json", "modes.json.lock"]


def test_asking_writes_nothing(path: Path) -> None:
    store = FileModeStore(path)
    assert current_mode(store, "s") == "off"
    assert not path.exists()
    path.write_text(' {"s":"full"} ', "utf-8")
    assert current_mode(store, "s") == switch(store, "s", "full") == "full"
    assert path.read_text("utf-8") == ' {"s":"full"} '


def test_folders_are_made(tmp_path: Path) -> None:
    store = FileModeStore(tmp_path / "a" / "b" / "modes.json")
    assert not (tmp_path / "a").exists()
    assert switch(store, "s") == "tokens"
    assert (tmp_path / "a" / "b" / "modes.json").is_file()


def test_home_expands_and_the_place_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert FileModeStore("~/modes.json").path == str(tmp_path / "modes.json")
    monkeypatch.chdir(tmp_path)
    store = FileModeStore("modes.json")
    monkeypatch.chdir("/")
    assert store.path == str(tmp_path / "modes.json")
    assert repr(store) == f"<FileModeStore {store.path!r}>"


def test_other_entries_survive(path: Path) -> None:
    others = {"number": 10**30, "none": None, "deep": {"a": [1.5, True, "ä"]}, "word": "loud", "": ""}
    path.write_text(json.dumps({"s": "full", **others}), "utf-8-sig")
    store = FileModeStore(path)
    assert switch(store, "s", "reset", config="tokens") == "tokens"
    assert json.loads(path.read_text("utf-8")) == others
    assert store.update("number", keep) is None
    assert switch(store, "number", "reset", config="tokens") == "tokens"
    assert json.loads(path.read_text("utf-8")) == others
    assert switch(store, "number", config="tokens") == "full"
    assert json.loads(path.read_text("utf-8")) == others | {"number": "full"}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_permissions_stay(path: Path, mode: int) -> None:
    path.write_text("{}", "utf-8")
    path.chmod(mode)
    switch(FileModeStore(path), "s", "full")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert json.loads(path.read_text("utf-8")) == {"s": "full"}


def test_a_link_stays_a_link(tmp_path: Path, path: Path) -> None:
    (tmp_path / "real").mkdir()
    path.symlink_to(Path("real") / "there.json")
    switch(FileModeStore(path), "s", "full")
    assert path.is_symlink()
    assert json.loads((tmp_path / "real" / "there.json").read_text("utf-8")) == {"s": "full"}


BROKEN = [
    *((text.encode(), message) for text, message in CASES["broken files"]),
    (b'{\n"\xe9": "full"}', "2:2: expected UTF-8, found byte 0xe9"),
    (b"[" * 100_000, "1:100000: nested too deeply"),
]


@pytest.mark.parametrize(("data", "message"), BROKEN, ids=lambda value: repr(value[:20]))
def test_a_broken_file_is_named_and_left_alone(path: Path, data: bytes, message: str) -> None:
    path.write_bytes(data)
    store = FileModeStore(path)
    for act in (switch, current_mode):
        with pytest.raises(ContractError) as caught:
            act(store, "s")
        assert str(caught.value) == f"{path}:{message}"
    assert path.read_bytes() == data
    path.write_text("{}", "utf-8")
    assert switch(store, "s", "full") == "full"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "1" * 5000])
def test_a_number_that_would_change_is_not_written_back(path: Path, number: str) -> None:
    text = f'{{"s": "full", "x": [{number}]}}'
    path.write_text(text, "utf-8")
    store = FileModeStore(path)
    assert current_mode(store, "s") == "full"
    with pytest.raises(ContractError) as caught:
        switch(store, "s", "off")
    assert str(caught.value) == f"{path}: expected numbers that a double can hold, found NaN or a larger one"
    assert path.read_text("utf-8") == text


def test_a_write_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileModeStore(path)
    switch(store, "s", "full")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: full_disk())
        with pytest.raises(OSError, match="no space"):
            switch(store, "s", "off")
    assert sorted(os.listdir(path.parent)) == ["modes.json", "modes.json.lock"]
    assert current_mode(store, "s") == "full"


def full_disk() -> None:
    raise OSError("no space")


def test_what_a_killed_process_left_is_no_obstacle(path: Path) -> None:
    Path(f"{path}.{os.getpid()}.part").write_text("half", "utf-8")
    assert switch(FileModeStore(path), "s", "full") == "full"
    assert sorted(os.listdir(path.parent)) == ["modes.json", "modes.json.lock"]


def test_a_path_that_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        switch(FileModeStore(tmp_path / "folder"), "s", "full")
    with pytest.raises(TypeError):
        FileModeStore(5)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the plain line


@pytest.mark.parametrize("case", CASES["lines"], ids=repr)
def test_lines(case: dict[str, Any]) -> None:
    assert plain_line(case["contract"], "tokens") == plain_line(case["contract"], "full") == case["tokens"]
    assert plain_line(case["contract"], "off") == ""


@pytest.mark.parametrize(("tokens", "text"), CASES["tokens"])
def test_tokens(tokens: float, text: str) -> None:
    usage = {"input_tokens": tokens, "output_tokens": 1}
    assert plain_line({"usage": usage}, "tokens") == f"Usage: {text} in / 1 out"


@given(st.integers(1, 999_999))
def test_tokens_below_a_million_are_as_the_verb_has_them(tokens: int) -> None:
    bar = usagebar.parse({"output": {"default": [{"text": "Usage: {n|num} total"}]}})
    assert plain_line({"usage": {"total_tokens": tokens}}, "tokens") == bar.render({"n": tokens})


@pytest.mark.parametrize(("usd", "text"), CASES["dollars"])
def test_dollars(usd: float, text: str) -> None:
    contract = {"usage": {"input_tokens": 1, "output_tokens": 2}, "cost": {"turn_usd": usd}}
    assert plain_line(contract, "full") == f"Usage: 1 in / 2 out · est {text}"
    assert plain_line(contract, "tokens") == "Usage: 1 in / 2 out"


@pytest.mark.parametrize("case", CASES["costs"], ids=repr)
def test_costs(case: dict[str, Any]) -> None:
    contract = {"usage": {"total_tokens": 12000, "cache_read_tokens": 1}, **case["contract"]}
    line = "Usage: 12k total · cache 1 cached / ? new"
    assert plain_line(contract, "tokens") == line
    assert plain_line(contract, "full") == line + (" · est $0.01" if case["shown"] else "")


def test_contracts_of_other_types() -> None:
    usage = MappingProxyType({"input_tokens": 12000.0, "output_tokens": Decimal(340)})
    contract = {"usage": usage, "cost": {"turn_usd": Decimal("0.0005")}}
    assert plain_line(MappingProxyType(contract), "full") == "Usage: 12k in / 340 out · est $0.0005"
    model = UsageContract.model_validate({"usage": {"output_tokens": 340}, "cost": {"turn_usd": 0}})
    assert plain_line(model, "full") == "Usage: ? in / 340 out · est $0.0000"
    assert plain_line(UsageContract, "full") == plain_line(object(), "full") == ""


COUNT_NAMES = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "total_tokens"]
any_usage = st.dictionaries(st.sampled_from(COUNT_NAMES), st.integers(0, 2 * 10**6) | anything)
any_contract = st.one_of(
    anything,
    st.fixed_dictionaries(
        {}, optional={"usage": any_usage | anything, "cost": anything, "model": anything, "surface": anything}
    ),
)


@given(any_contract)
def test_any_contract_has_its_footers(contract: Any) -> None:
    bar = usagebar.load()
    off, tokens, full = (footer(bar, contract, mode=mode) for mode in MODES)
    assert off == ""
    assert tokens == plain_line(contract, "tokens")
    assert full == (bar.render(contract) or plain_line(contract, "full"))
    assert plain_line(contract, "full").startswith(tokens)


def is_zero(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_zero()  # a signalling NaN does not let itself be compared
    return isinstance(value, int | float) and value == 0


@given(any_usage)
def test_a_zero_is_shown_only_where_one_was_given(usage: dict[str, Any]) -> None:
    zeros = [name for name, value in usage.items() if is_zero(value)]
    shown = plain_line({"usage": usage}, "tokens").replace("/", " ").split()
    assert shown.count("0") <= len(zeros)


# ---------------------------------------------------------------- the footer


TURN = {"usage": {"input_tokens": 12000, "output_tokens": 340}, "cost": {"turn_usd": 0.0123}, "surface": "telegram"}


def test_footers() -> None:
    never = [{"when": "nothing", "text": "never"}]
    output = {"default": [{"text": "all {usage.output_tokens}"}], "surfaces": {"telegram": never}}
    bar = usagebar.load({"output": output})
    assert footer(bar, TURN, mode="off") == ""
    assert footer(bar, TURN, "discord", mode="off") == ""
    assert footer(bar, TURN, "discord", mode="tokens") == "Usage: 12k in / 340 out"
    assert footer(bar, TURN, "discord", mode="full") == "all 340"
    assert footer(bar, TURN, mode="full") == "Usage: 12k in / 340 out · est $0.01"
    assert footer(bar, UsageContract.model_validate(TURN), mode="full") == "Usage: 12k in / 340 out · est $0.01"
    assert footer(bar, {"surface": "telegram"}, mode="full") == ""


def test_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "modes.py"), run_name="__main__")
    line = "Usage: 18k in / 1.5k out · cache 184k cached / 1.7k new"
    turn = json.loads((EXAMPLES / "turns" / "typical.json").read_text("utf-8"))
    full = usagebar.load().render(turn, "discord")
    complaint = "/usage: expected off, tokens, full or reset, found 'loud'"
    assert full
    assert capsys.readouterr().out.split("\n") == [
        *(line, "footer: full", *full.split("\n"), "footer: off", "", complaint, "", "footer: tokens", line, "")
    ]
