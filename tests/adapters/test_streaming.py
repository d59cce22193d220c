"""A reply that grows by edits: what a chat shows at any time, whatever fails in between."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.adapters.in_flight import GoneError
from usagebar.adapters.streaming import PATIENCE, Stream
from usagebar.surfaces.composing.messages import Message

SIZE = 4


def compose(reply: str, contract: str | None) -> list[Message]:
    """Cut a reply every four characters; the contract is the footer."""
    parts = [reply[at : at + SIZE] for at in range(0, len(reply), SIZE)] or [""]
    messages = [Message(part) for part in parts[:-1]] + [Message(parts[-1], contract or "")]
    return [message for message in messages if message.text]


class LimitedError(Exception):
    """The platform wants no calls for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds}")
        self.seconds = seconds


class Chat:
    """A platform: what it shows, by handle; `failing` holds for each call to come whether it fails."""

    def __init__(self) -> None:
        self.shown: dict[int, str] = {}
        self.calls: list[str] = []
        self.failing: list[bool] = []
        self.fails_late = False  # whether an edit or a deletion fails once it is done
        self.unsure: set[int] = set()  # messages whose last edit or deletion failed
        self.renames = False
        self.now = 0.0
        self.last = 0
        self.busy = False
        self.waits: list[float] = []
        self.gone: set[int] = set()  # messages that somebody deleted
        self.errors: list[Exception] = []  # what the next calls raise, whatever `failing` says
        self.held: asyncio.Event | None = None  # what the next call waits for
        self.stream: Stream[int] = Stream(compose, self, interval=1.0, clock=lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def retry_after(self, error: Exception) -> float | None:
        return error.seconds if isinstance(error, LimitedError) else None

    def remove(self, handle: int) -> None:
        """Delete a message as somebody else does."""
        del self.shown[handle]
        self.gone.add(handle)

    async def send(self, message: Message) -> int:
        if await self.fails("send"):
            raise ConnectionError("send")
        self.last += 1
        self.shown[self.last] = message.text
        return self.last

    async def edit(self, handle: int, message: Message) -> int | None:
        if handle in self.gone:
            self.calls.append("edit of one that is gone")
            raise GoneError
        assert handle in self.unsure or self.shown[handle] != message.text, "an edit that changes nothing is refused"
        fails = await self.fails("edit")
        if not fails or self.fails_late:
            self.shown[handle] = message.text
        self.settle(handle, fails, "edit")
        return self.renamed(handle) if self.renames else None

    def renamed(self, handle: int) -> int:
        self.last += 1
        self.shown = {self.last if each == handle else each: text for each, text in self.shown.items()}
        return self.last

    async def delete(self, handle: int) -> None:
        known = self.unsure | self.gone | self.shown.keys()
        assert handle in known, "a message that is gone cannot be deleted"
        fails = await self.fails("delete")
        if not fails or self.fails_late:
            self.shown.pop(handle, None)
        self.settle(handle, fails, "delete")

    def settle(self, handle: int, fails: bool, what: str) -> None:
        if fails:
            self.unsure.add(handle)
            raise ConnectionError(what)
        self.unsure.discard(handle)

    async def fails(self, what: str) -> bool:
        self.calls.append(what)
        assert not self.busy, "one call at a time"
        self.busy = True
        try:
            held, self.held = self.held, None
            await (held.wait() if held else asyncio.sleep(0))
            if self.errors:
                raise self.errors.pop(0)
        finally:
            self.busy = False
        return self.failing.pop(0) if self.failing else False

    @property
    def texts(self) -> list[str]:
        return list(self.shown.values())


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


async def updated(chat: Chat, *replies: str) -> None:
    """Update with replies, the interval over before each."""
    for reply in replies:
        chat.now += 1
        await chat.stream.update(reply)


def test_a_reply_grows_and_gets_its_footer() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "ab")
        assert chat.texts == ["ab"]
        await updated(chat, "abcd", "abcdef")
        assert chat.texts == ["abcd", "ef"]
        handles = await chat.stream.finish("abcdefgh", "footer")
        assert chat.texts == ["abcd", "efgh\nfooter"]
        assert handles == list(chat.shown)
        assert chat.calls == ["send", "edit", "send", "edit"]

    run(turn())


def test_the_end_may_come_without_an_update_and_without_a_footer() -> None:
    async def turn() -> None:
        chat = Chat()
        assert await chat.stream.finish("abcdef") == [1, 2]
        assert chat.texts == ["abcd", "ef"]

    run(turn())


def test_updates_keep_the_interval_from_the_end_of_the_last_call() -> None:
    async def turn() -> None:
        chat = Chat()
        await chat.stream.update("a")
        chat.now = 0.99
        await chat.stream.update("ab")
        assert chat.texts == ["a"]
        chat.now = 1.0
        await chat.stream.update("ab")
        assert chat.texts == ["ab"]
        await chat.stream.finish("abc", "footer")
        assert chat.texts == ["abc\nfooter"]

    run(turn())


def test_an_update_that_changes_nothing_starts_no_interval() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "a", "a")
        chat.now += 0.5
        await chat.stream.update("ab")
        assert chat.texts == ["ab"]

    run(turn())


@pytest.mark.parametrize("reply", ["", " ", "\n\n", "\u2800", "\u200d"])
def test_nothing_to_show_sends_nothing_and_starts_no_interval(reply: str) -> None:
    async def turn() -> None:
        chat = Chat()
        await chat.stream.update(reply)
        assert chat.calls == []
        await chat.stream.update("a")
        await chat.stream.update(reply)
        chat.now += 1
        await chat.stream.update(reply)
        assert chat.texts == ["a"]

    run(turn())


def test_a_reply_that_was_nothing_in_the_end_is_taken_back() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "abcdef")
        assert await chat.stream.finish("", None) == []
        assert chat.texts == []

    run(turn())


def test_a_reply_that_shrinks_loses_its_last_parts() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "abcdefghij", "abcdef")
        assert chat.texts == ["abcd", "ef"]
        assert await chat.stream.finish("xy", "footer") == [1]
        assert chat.texts == ["xy\nfooter"]
        assert chat.calls == ["send", "send", "send", "delete", "edit", "delete", "edit"]

    run(turn())


def test_finishing_again_changes_nothing_or_corrects() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "ab")
        first = await chat.stream.finish("abcdef", "footer")
        calls = len(chat.calls)
        assert await chat.stream.finish("abcdef", "footer") == first
        assert len(chat.calls) == calls
        await chat.stream.finish("abc", "another")
        assert chat.texts == ["abc\nanother"]

    run(turn())


def test_an_update_that_comes_late_takes_no_footer_away() -> None:
    async def turn() -> None:
        chat = Chat()
        await asyncio.gather(chat.stream.finish("ab", "footer"), chat.stream.update("a"))
        await updated(chat, "abc")
        assert chat.texts == ["ab\nfooter"]

    run(turn())


def test_calls_that_overlap_wait_for_each_other() -> None:
    async def turn() -> None:
        chat = Chat()
        chat.stream = Stream(compose, chat, interval=0.0)
        growing = ["abcdefghijkl"[:length] for length in range(13)]
        await asyncio.gather(*map(chat.stream.update, growing), chat.stream.finish("abcdefghijklm", "footer"))
        assert chat.texts == ["abcd", "efgh", "ijkl", "m\nfooter"]

    run(turn())


def test_a_handle_that_an_edit_returns_is_the_messages() -> None:
    async def turn() -> None:
        chat = Chat()
        chat.renames = True
        await updated(chat, "abcde", "xbcde")
        assert await chat.stream.finish("xbcde", "footer") == list(chat.shown) == [3, 4]
        assert chat.texts == ["xbcd", "e\nfooter"]

    run(turn())


@pytest.mark.parametrize("failing", [[True], [False, True], [False, False, True]])
def test_what_fails_is_raised_and_mended_by_the_next_call(failing: list[bool]) -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "abcdefghijk")
        chat.failing = failing
        with pytest.raises(ConnectionError):
            await chat.stream.finish("xbcd" + "yf", "footer")  # two edits and a deletion
        assert await chat.stream.finish("xbcd" + "yf", "footer") == [1, 2]
        assert chat.texts == ["xbcd", "yf\nfooter"]

    run(turn())


def test_a_failed_edit_may_have_been_made() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "a")
        chat.failing, chat.fails_late = [True], True
        with pytest.raises(ConnectionError):
            await updated(chat, "ab")
        assert chat.texts == ["ab"]
        await chat.stream.finish("a")
        assert chat.texts == ["a"]

    run(turn())


def test_a_failure_starts_the_interval_too() -> None:
    async def turn() -> None:
        chat = Chat()
        chat.failing = [True]
        with pytest.raises(ConnectionError, match="send"):
            await chat.stream.update("a")
        await chat.stream.update("ab")
        assert chat.calls == ["send"]

    run(turn())


async def cancelled(chat: Chat, reply: str) -> asyncio.Event:
    """Cancel an update while the platform holds its call; return what lets it go on."""
    chat.now += 1
    held = chat.held = asyncio.Event()
    calls = len(chat.calls)
    task = asyncio.create_task(chat.stream.update(reply))
    while len(chat.calls) == calls:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return held


@pytest.mark.parametrize("reply", ["ab", "abcdef", "xyz"])
@pytest.mark.parametrize("before", ["", "a", "abcdefghij"])
def test_a_call_whose_caller_was_cancelled_does_not_land_on_top(before: str, reply: str) -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, before)
        held = await cancelled(chat, reply)
        end = asyncio.create_task(chat.stream.finish("abcdefg", "footer"))
        await asyncio.wait([end], timeout=0.01)
        held.set()
        handles = await end
        assert chat.texts == ["abcd", "efg\nfooter"]
        assert handles == list(chat.shown)

    run(turn())


@pytest.mark.parametrize("error", [ConnectionError("lost"), LimitedError(5), GoneError()])
def test_what_such_a_call_raises_goes_to_nobody(error: Exception) -> None:
    async def turn() -> None:
        loop = asyncio.get_running_loop()
        said: list[Any] = []
        loop.set_exception_handler(lambda _, context: said.append(context))
        chat = Chat()
        await updated(chat, "a")
        held = await cancelled(chat, "ab")
        chat.errors = [error]
        held.set()
        await chat.stream.finish("abc", "footer")
        assert chat.texts[-1] == "abc\nfooter"
        del chat
        gc.collect()
        assert said == []

    run(turn())


def test_who_waits_for_such_a_call_can_be_cancelled_too() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "a")
        held = await cancelled(chat, "ab")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(chat.stream.finish("abc", "footer"), 0.01)
        held.set()
        await chat.stream.finish("abc", "footer")
        assert chat.texts == ["abc\nfooter"]

    run(turn())


# ---------------------------------------------------------------- what is gone


@pytest.mark.parametrize("gone", [{1}, {2}, {3}, {1, 2}, {1, 3}, {2, 3}, {1, 2, 3}])
@pytest.mark.parametrize("reply", ["abcdefghij", "xbcdxfghxj", "x", "xbcdxf", "abcdxfghxjklm"])
def test_parts_that_somebody_deleted_are_sent_anew_in_their_order(gone: set[int], reply: str) -> None:
    async def turn() -> None:
        chat = Chat()
        handles = await chat.stream.finish("abcdefghij", "footer")
        for handle in gone:
            chat.remove(handle)
        chat.stream.resume(handles)  # what is not known is edited, and found out
        chat.unsure.update(handles)
        assert await chat.stream.finish(reply, "footer") == list(chat.shown)
        assert chat.texts == [message.text for message in compose(reply, "footer")]

    run(turn())


def test_a_deletion_that_fails_behind_a_part_that_is_gone_is_made_again() -> None:
    async def turn() -> None:
        chat = Chat()
        await chat.stream.finish("abcdefghij", "footer")
        chat.remove(1)
        chat.failing = [False, True]
        with pytest.raises(ConnectionError, match="delete"):
            await chat.stream.finish("xbcdefghij", "another")
        assert "".join(chat.texts).count("footer") == 0
        await chat.stream.finish("xbcdefghij", "another")
        assert chat.texts == ["xbcd", "efgh", "ij\nanother"]

    run(turn())


# ---------------------------------------------------------------- the footer


class Refusing(Chat):
    """A platform that deletes nothing."""

    async def delete(self, handle: int) -> None:
        raise PermissionError(handle)


def test_a_deletion_that_is_refused_for_good_leaves_the_reply_as_it_was() -> None:
    async def turn() -> None:
        chat = Refusing()
        await chat.stream.finish("abcdefghij", "footer")
        for _ in range(2):
            with pytest.raises(PermissionError):
                await chat.stream.finish("x", "another")
            assert chat.texts == ["abcd", "efgh", "ij\nfooter"]

    run(turn())


class Watching(Chat):
    """A platform that looks for footers after each of its calls."""

    async def fails(self, what: str) -> bool:
        assert len([text for text in self.texts if "\n" in text]) <= 1
        return await super().fails(what)


@given(st.lists(st.text("ab", min_size=1, max_size=14), min_size=1), st.lists(st.booleans(), max_size=12))
def test_there_are_never_two_footers(replies: list[str], failing: list[bool]) -> None:
    async def turn() -> None:
        chat = Watching()
        chat.failing = list(failing)
        for reply in replies:
            handles = None
            while handles is None:
                try:
                    handles = await chat.stream.finish(reply, "footer")
                except ConnectionError:
                    assert "".join(chat.texts).count("footer") <= 1
        assert [text.count("footer") for text in chat.texts][-1:] == [1]

    run(turn())


# ---------------------------------------------------------------- a platform that wants no calls


def test_an_update_that_is_limited_is_passed_over_and_so_are_those_before_its_time() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "a")
        chat.errors = [LimitedError(5)]
        await updated(chat, "ab", "abc")
        assert (chat.texts, chat.calls) == (["a"], ["send", "edit"])
        chat.now += 4
        await chat.stream.update("abcd")
        assert chat.texts == ["abcd"]
        assert chat.waits == []

    run(turn())


def test_the_end_waits_and_is_tried_again() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "a")
        chat.errors = [LimitedError(5), LimitedError(7), LimitedError(0)]
        await updated(chat, "ab")
        await chat.stream.finish("abcdef", "footer")
        assert chat.texts == ["abcd", "ef\nfooter"]
        assert chat.waits == [5, 7, 1]

    run(turn())


def test_the_end_does_not_wait_for_ever() -> None:
    async def turn() -> None:
        chat = Chat()
        chat.errors = [LimitedError(PATIENCE + 1)]
        with pytest.raises(LimitedError):
            await chat.stream.finish("a", "footer")
        assert chat.waits == []
        chat.now += PATIENCE + 1
        chat.errors = [LimitedError(PATIENCE / 2)] * 3
        with pytest.raises(LimitedError):
            await chat.stream.finish("a", "footer")
        assert chat.waits == [PATIENCE / 2] * 2
        chat.errors = []
        await chat.stream.finish("a", "footer")
        assert chat.texts == ["a\nfooter"]

    run(turn())


def test_a_reply_that_was_sent_before_is_taken_up() -> None:
    async def turn() -> None:
        chat = Chat()
        sent = [await chat.send(message) for message in compose("abcdef", "footer")]
        chat.unsure.update(sent)
        chat.stream.resume(sent)
        assert await chat.stream.finish("xyz", "another") == sent[:1]
        assert chat.texts == ["xyz\nanother"]

    run(turn())


replies = st.text("ab \n", max_size=14)


@given(
    st.lists(st.tuples(replies, st.sampled_from([0.0, 0.6, 1.0]))),
    st.lists(st.booleans(), max_size=12),
    st.booleans(),
    replies,
    st.sampled_from(["footer", None]),
)
def test_whatever_was_shown_and_failed_the_end_is_whole(
    steps: list[tuple[str, float]], failing: list[bool], fails_late: bool, reply: str, footer: str | None
) -> None:
    async def turn() -> None:
        chat = Chat()
        chat.failing, chat.fails_late = list(failing), fails_late
        for part, wait in steps:
            chat.now += wait
            try:
                await chat.stream.update(part)
            except ConnectionError:
                continue
            assert "footer" not in "".join(chat.texts)
        chat.failing = [*chat.failing, *failing[:3]]
        handles = None
        while handles is None:
            try:
                handles = await chat.stream.finish(reply, footer)
            except ConnectionError:
                continue
        assert chat.texts == [message.text for message in compose(reply, footer)]
        assert handles == list(chat.shown)

    run(turn())
