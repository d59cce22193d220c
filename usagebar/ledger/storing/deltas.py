"""What rows of turns add to the tables of sums, and what they take from them when they go.

Rows come by columns, those of a stream together. A run of rows that have the day and the stream in common is summed
column by column, so that a row costs far less than the look-ups of its own would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, compress, pairwise
from operator import ne
from typing import Any, NamedTuple

from usagebar.ledger.figures import Totals
from usagebar.ledger.storing.calendar import Calendar
from usagebar.ledger.storing.latency import bucket_of
from usagebar.ledger.storing.schema import OWN
from usagebar.ledger.storing.streams import Stream
from usagebar.ledger.storing.texts import tool_names

_AT = {name: index for index, name in enumerate(("key", "names", *OWN))}
_TOKENS = [_AT[name] for name in ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")]
_INPUT, _OUTPUT, _COST = _AT["input"], _AT["output"], _AT["cost_pico"]
_TIME, _TOOLS, _LATENCY = _AT["timestamp"], _AT["tools"], _AT["latency_ms"]

Key = tuple[Any, ...]
Sums = tuple[int, ...]  # in the order of `Totals`; any may be negative
Columns = Sequence[Sequence[Any]]  # of rows
Zones = Sequence[tuple[int, Calendar]]


class StreamSums(NamedTuple):
    """Hold what is added for a stream, and the times of the first and the last of those turns."""

    sums: Sums
    first: int | None
    last: int | None


NOTHING = StreamSums((0,) * len(Totals._fields), None, None)


class Deltas(NamedTuple):
    """Hold what some rows come to, for each table of sums; keys are as in the tables."""

    days: dict[Key, Sums]
    streams: dict[int, StreamSums]
    tools: Counter[Key]
    latencies: Counter[Key]

    @classmethod
    def nothing(cls) -> Deltas:
        """Return what no rows come to."""
        return cls({}, {}, Counter(), Counter())

    def add(self, columns: Columns, streams: Sequence[Stream], zones: Zones) -> None:
        """Add what rows come to, each with its stream, in the zones whose days are kept, one at least.

        The fewer runs of a stream's rows there are, the faster.
        """
        for place, (zone, calendar) in enumerate(zones):
            keys = list(zip(calendar.days(columns[_TIME]), streams, strict=True))
            for run in _runs(keys):
                day, stream = keys[run.start]
                sums = _sums(columns, run)
                self._add_run((zone, day, stream.kind), sums, columns, run)
                if place == 0:
                    self._add_stream(stream.id, sums, columns[_TIME][run])

    def _add_run(self, key: Key, sums: Sums, columns: Columns, run: slice) -> None:
        self.days[key] = _plus(self.days.get(key), sums)
        if texts := list(filter(None, columns[_TOOLS][run])):
            for name, calls in Counter(chain.from_iterable(map(tool_names, texts))).items():
                self.tools[(*key, name)] += calls
        if known := [latency for latency in columns[_LATENCY][run] if latency is not None]:
            for bucket, count in Counter(map(bucket_of, known)).items():
                self.latencies[(*key, bucket)] += count

    def _add_stream(self, stream: int, sums: Sums, moments: Sequence[int | None]) -> None:
        before = self.streams.get(stream, NOTHING)
        times = [moment for moment in (*moments, before.first, before.last) if moment is not None]
        self.streams[stream] = StreamSums(_plus(before.sums, sums), min(times, default=None), max(times, default=None))


def _runs(keys: Sequence[Any]) -> Iterator[slice]:
    starts = compress(range(1, len(keys)), map(ne, keys, keys[1:]))
    for start, end in pairwise(chain((0,), starts, (len(keys),))):
        yield slice(start, end)


def _sums(columns: Columns, run: slice) -> Sums:
    costs, inputs, outputs = columns[_COST][run], columns[_INPUT][run], columns[_OUTPUT][run]
    tokens = [sum(filter(None, columns[index][run])) for index in _TOKENS]
    incomplete = 0
    if None in inputs or None in outputs:
        incomplete = sum(got is None or made is None for got, made in zip(inputs, outputs, strict=True))
    return (len(costs), *tokens, sum(filter(None, costs)), costs.count(None), incomplete)


def _plus(before: Sums | None, more: Sums) -> Sums:
    return more if before is None else tuple(map(int.__add__, before, more))


def less(more: Mapping[Key, Any], gone: Mapping[Key, Any]) -> dict[Key, Sums]:
    """Return by key what `more` less `gone` comes to, as tuples; keys of which nothing is left are not there."""
    net = {key: _tuple(each) for key, each in more.items()}
    if not gone:
        return net
    for key, each in gone.items():
        net[key] = _plus(net.get(key), tuple(-count for count in _tuple(each)))
    return {key: each for key, each in net.items() if any(each)}


def _tuple(value: Any) -> Sums:
    return value if isinstance(value, tuple) else (value,)
