"""Turns to store, from a strategy, and what the store must make of them, told by plain Python."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from hypothesis import strategies as st

from usagebar.ledger.figures import PICO, Filter, Totals
from usagebar.ledger.turns import ESTIMATED, REPORTED, TurnRecord, merged, turn_key

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Around changes of the clocks, a day that one zone skipped, and the year's end.
MOMENTS = [
    "2011-03-13T03:31:00",  # St. John's: one minute past midnight an hour is left out
    "2010-11-07T02:31:00",  # St. John's: one minute past midnight an hour comes again, the day before returns
    "2011-12-30T10:00:00",  # Apia: from the 29th to the 31st
    "2024-03-10T07:00:00",  # New York: summer time begins
    "2024-11-03T06:00:00",  # New York: it ends
    "2024-04-06T15:00:00",  # Lord Howe: half an hour back
    "2024-12-31T18:15:00",  # Kathmandu: the new year
    "1972-01-07T00:44:30",  # Monrovia: 44 minutes and 30 seconds
]
ZONES = [
    "UTC",
    "America/St_Johns",
    "Pacific/Apia",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Monrovia",
]


def milliseconds(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)


class Nameless(tzinfo):
    """A zone that has no name by which its days could be kept."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else moment.replace(tzinfo=self._zone).utcoffset()

    def tzname(self, moment: datetime | None) -> None:
        return None

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def fromutc(self, moment: datetime) -> datetime:
        return self._zone.fromutc(moment.replace(tzinfo=self._zone)).replace(tzinfo=self)


moments = st.one_of(
    st.none(),
    st.builds(
        lambda text, offset: milliseconds(text) + offset,
        st.sampled_from(MOMENTS),
        st.one_of(st.integers(-100_000_000, 100_000_000), st.sampled_from([-1, 0, 1, -3_600_000, 3_600_000])),
    ).filter(lambda moment: moment >= 0),
    st.integers(0, 253_402_128_000_000),
)
counts = st.one_of(st.none(), st.integers(0, 5), st.integers(0, 10**12))
tool_names = st.sampled_from(["Read", "Bash", 'a "b" \\ é'])
calls = st.lists(st.tuples(st.text(max_size=3), tool_names), max_size=3, unique=True)


def names(*choices: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *choices])


@st.composite
def turns(draw: st.DrawFn) -> TurnRecord:
    """Draw turns of few keys and names; of copies that rank the same, all is the same that is not merged."""
    number = draw(st.integers(0, 7))
    turn = TurnRecord(
        key=turn_key("test", str(number)),
        runtime="claude" if number % 2 else "openclaw",
        machine=draw(names("here", "there")),
        session_id=draw(names("s1", "s2", "s3")),
        agent_id=draw(names("main", "ops")),
        origin=draw(names("discord", "cron:x")),
        project=draw(names("/p", "/q")),
        model=draw(names("opus", "sonnet", "modèle")),
        provider=draw(names("anthropic")),
        timestamp=draw(moments),
        input=draw(counts),
        cache_read=draw(counts),
        cache_write_5m=draw(counts),
        cache_write_1h=draw(counts),
        output=draw(counts),
        reasoning=draw(counts),
        latency_ms=draw(counts),
        fast=draw(st.sampled_from([None, True, False])),
        batch=draw(st.sampled_from([None, True, False])),
        sidechain=draw(st.booleans()),
        tools=tuple(sorted(draw(calls))),
    )
    return priced(turn, draw(st.sampled_from([None, REPORTED, ESTIMATED])), draw(st.integers(0, 10**17)))


def priced(turn: TurnRecord, source: str | None, pico: int) -> TurnRecord:
    """Return a turn with a cost; an estimate is by the turn's own figures, as they are of copies that rank the same."""
    if source is None:
        return turn
    if source == REPORTED:
        # As finely as a double can tell such an amount.
        return turn._replace(cost_usd=pico // 10**6 * 10**6 / PICO, cost_source=source)
    known = (turn.input or 0) % 1000
    return turn._replace(
        cost_usd=known / 1000,
        cost_source=source,
        prices=("list A", "list B", None)[known % 3],
        long_context=200_000 if known > 500 else None,
    )


def merged_all(found: Iterable[TurnRecord]) -> list[TurnRecord]:
    """Return the one record of each key."""
    best: dict[bytes, TurnRecord] = {}
    for turn in found:
        best[turn.key] = merged(best[turn.key], turn) if turn.key in best else turn
    return list(best.values())


@dataclasses.dataclass
class Reference:
    """Sums as anyone would write them down."""

    turns: list[TurnRecord]

    def chosen(self, chosen: Filter) -> list[TurnRecord]:
        return [turn for turn in self.turns if _is_chosen(turn, chosen)]

    def totals(self, by: tuple[str, ...], chosen: Filter) -> dict[tuple[object, ...], Totals]:
        found: dict[tuple[object, ...], Totals] = {} if by else {(): Totals()}
        for turn in self.chosen(chosen):
            key = tuple(value_of(turn, name, chosen.zone) for name in by)
            found[key] = found.get(key, Totals()).plus(totals_of(turn))
        return found

    def calls(self, by: tuple[str, ...], chosen: Filter) -> Counter[tuple[object, ...]]:
        return Counter(
            tuple(name if each == "tool" else value_of(turn, each, chosen.zone) for each in by)
            for turn in self.chosen(chosen)
            for _, name in turn.tools
        )


def day_of(turn: TurnRecord, zone: tzinfo) -> str | None:
    if turn.timestamp is None:
        return None
    return str((EPOCH + timedelta(milliseconds=turn.timestamp)).astimezone(zone).date())


def _is_chosen(turn: TurnRecord, chosen: Filter) -> bool:
    day = day_of(turn, chosen.zone)
    wanted = (chosen.session, chosen.agent, chosen.model, chosen.runtime, chosen.origin)
    has = (turn.session_id, turn.agent_id, turn.model, turn.runtime, turn.origin)
    return (
        (chosen.since is None or (day is not None and day >= str(chosen.since)))
        and (chosen.until is None or (day is not None and day <= str(chosen.until)))
        and all(want is None or want == own for want, own in zip(wanted, has, strict=True))
    )


def value_of(turn: TurnRecord, name: str, zone: tzinfo) -> object:
    day = day_of(turn, zone)
    if name == "prices":
        unlabelled = None if turn.cost_usd is None else ESTIMATED
        return REPORTED if turn.cost_source == REPORTED else turn.prices or unlabelled
    special = {
        "day": day,
        "month": None if day is None else day[:7],
        "agent": turn.agent_id,
        "session": turn.session_id,
        "tier": turn.long_context,
    }
    return special[name] if name in special else getattr(turn, name)


def totals_of(turn: TurnRecord) -> Totals:
    tokens = (turn.input, turn.cache_read, turn.cache_write_5m, turn.cache_write_1h, turn.output, turn.reasoning)
    pico = 0 if turn.cost_usd is None else round(turn.cost_usd * PICO, -6 if turn.cost_usd >= 1000 else 0)
    unpriced, incomplete = turn.cost_usd is None, turn.input is None or turn.output is None
    return Totals._make((1, *(count or 0 for count in tokens), round(pico), int(unpriced), int(incomplete)))
