"""A reply that grows by edits: what a chat shows at any time, whatever fails in between."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usagebar.adapters.streaming import Stream
from usagebar.surfaces.composing.messages import Message

SIZE = 4


def compose(reply: str, contract: str | None) -> list[Message]:
    """Cut a reply every four characters; the contract is the footer."""
    parts = [reply[at : at + SIZE] for at in range(0, len(reply), SIZE)] or [""]
    messages = [Message(part) for part in parts[:-1]] + [Message(parts[-1], contract or "")]
    return [message for message in messages if message.text]


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
        self.stream: Stream[int] = Stream(
            compose, self.send, self.edit, self.delete, interval=1.0, clock=lambda: self.now
        )

    async def send(self, message: Message) -> int:
        if await self.fails("send"):
            raise ConnectionError("send")
        self.last += 1
        self.shown[self.last] = message.text
        return self.last

    async def edit(self, handle: int, message: Message) -> int | None:
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
        assert handle in self.unsure or handle in self.shown, "a message that is gone cannot be deleted"
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
            await asyncio.sleep(0)
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
        assert chat.calls == ["send", "send", "send", "edit", "delete", "edit", "delete"]

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
        chat.stream = Stream(compose, chat.send, chat.edit, chat.delete, interval=0.0)
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


def test_a_cancelled_edit_is_made_again() -> None:
    async def turn() -> None:
        chat = Chat()
        await updated(chat, "a")
        chat.now += 1
        task = asyncio.create_task(chat.stream.update("ab"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await chat.stream.finish("ab", None)
        assert chat.texts == ["ab"]

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
