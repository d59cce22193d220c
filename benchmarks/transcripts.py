"""Write a corpus of Claude Code's transcripts, of any size, from a seed, and tell the totals that it holds.

The shapes are those of the runtime: a line per block of an answer, all with a usage and the first with placeholders;
sessions that were forked or resumed and begin with lines of another file; subagents in files of their own; answers
without a request id; cache writes for an hour; synthetic and failed answers; old lines with a cost. The totals count
each message once, by its best line, as a reader should.

    python benchmarks/transcripts.py FOLDER --mb 300 --seed 1
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TextIO

MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")
FIRST_DAY = datetime(2026, 8, 1, tzinfo=UTC)
DAYS = 80

FORKED = 0.08  # of the sessions begin with a copy of an earlier one
DELEGATING = 0.15  # have a subagent
REPLAYING = 0.3  # of the subagents begin with a copy of the session they belong to
WITHOUT_REQUESTS = 0.05  # come without request ids
HOURLY = 0.2  # write their cache for an hour
OLD = 0.04  # are of a version that wrote costs, and no parts of cache writes
FAILED = 0.01  # of the answers are errors, or written by the runtime itself

COUNTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


class Written(NamedTuple):
    """Hold what a corpus consists of: bytes, lines, distinct messages, and tokens by (day, model).

    `totals` has the counts in the order of `COUNTS`, preceded by the number of messages.
    """

    size: int
    lines: int
    files: int
    messages: int
    totals: dict[tuple[str, str], tuple[int, ...]]

    def tokens(self) -> dict[str, int]:
        """Return the sums over all days and models."""
        sums = [sum(column) for column in zip(*self.totals.values(), strict=True)]
        return dict(zip(("turns", *COUNTS), sums, strict=True))


class _Style(NamedTuple):
    session: str
    project: str
    model: str
    requests: bool
    hourly: bool
    old: bool


class _Corpus:
    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        self.projects = folder / "projects"
        self.words = [self.random.randbytes(self.random.randint(2, 6)).hex() for _ in range(4000)]
        self.size = self.lines = self.files = self.messages = 0
        self.totals: dict[tuple[str, str], list[int]] = {}
        # Of the sessions last written: what a fork begins with.
        self.recent: list[tuple[_Style, Path, datetime]] = []

    def session(self) -> None:
        """Write a session, and perhaps one of its subagents."""
        pick = self.random.random
        if self.recent and pick() < FORKED:
            style, origin, start = self.random.choice(self.recent)
            style = style._replace(session=self.uuid())
        else:
            origin, start = None, FIRST_DAY + timedelta(seconds=self.random.uniform(0, DAYS * 86_400))
            style = self.style()
        path = self.projects / style.project / f"{style.session}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.opened(path) as file:
            if origin:
                self.copy(origin, file, {"sessionId": style.session})
            self.turns(file, style, start, sidechain=False)
        # Without request ids the session tells messages apart: a copy of such lines would be another message.
        if origin is None and style.requests:
            self.recent = [*self.recent[-20:], (style, path, start)]
        if pick() < DELEGATING:
            self.subagent(style, path, start)

    def subagent(self, style: _Style, session: Path, start: datetime) -> None:
        path = session.with_suffix("") / "subagents" / f"agent-{self.random.randbytes(4).hex()}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.opened(path) as file:
            if self.random.random() < REPLAYING:
                self.copy(session, file, {"isSidechain": True})
            self.turns(file, style._replace(model=MODELS[-1]), start, sidechain=True)

    def style(self) -> _Style:
        pick = self.random.random
        return _Style(
            session=self.uuid(),
            project=f"-home-user-project{self.random.randint(1, 8)}",
            model=self.random.choice(MODELS),
            requests=pick() >= WITHOUT_REQUESTS,
            hourly=pick() < HOURLY,
            old=pick() < OLD,
        )

    def turns(self, file: TextIO, style: _Style, moment: datetime, *, sidechain: bool) -> None:
        cached = 0
        for _ in range(self.random.randint(2, 20) if sidechain else self.random.randint(5, 120)):
            moment += timedelta(milliseconds=self.random.randint(2_000, 60_000))
            self.write(file, self.asked(style, moment, sidechain=sidechain))
            moment += timedelta(milliseconds=self.random.randint(2_000, 30_000))
            if self.random.random() < FAILED:
                self.write(file, self.failed(style, moment, sidechain=sidechain))
                continue
            cached += self.answer(file, style, moment, cached, sidechain=sidechain)

    def answer(self, file: TextIO, style: _Style, moment: datetime, cached: int, *, sidechain: bool) -> int:
        """Write the lines of one message and count it; return the tokens that it added to the cache."""
        kinds = self.random.choices(("thinking", "text", "tool_use"), k=self.random.randint(1, 4))
        written, output = self.random.randint(100, 4000), self.random.randint(20, 3000)
        usage = self.usage(style, written, cached)
        ids = f"msg_{self.random.randbytes(12).hex()}", f"req_{self.random.randbytes(12).hex()}"
        for index, kind in enumerate(kinds):
            last = index == len(kinds) - 1
            line = self.base(style, moment, sidechain=sidechain)
            line["message"] = {
                "model": style.model,
                "id": ids[0],
                "type": "message",
                "role": "assistant",
                "content": [self.block(kind)],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": usage | {"output_tokens": output if last else self.random.randint(1, 8)},
            }
            if style.requests:
                line["requestId"] = ids[1]
            if style.old:
                line["costUSD"] = round(output / 40_000, 6)
            self.write(file, line | self.end("assistant", moment))
            # Others tell messages without a request id apart by their time too.
            moment += timedelta(milliseconds=self.random.randint(1, 900) * (style.requests and not last))
        self.count(moment, style, (usage["input_tokens"], cached, *_writes(style, written), output))
        return written

    def count(self, moment: datetime, style: _Style, tokens: tuple[int, ...]) -> None:
        self.messages += 1
        sums = self.totals.setdefault((moment.date().isoformat(), style.model), [0] * (1 + len(COUNTS)))
        for index, value in enumerate((1, *tokens)):
            sums[index] += value

    def usage(self, style: _Style, written: int, cached: int) -> dict[str, Any]:
        usage: dict[str, Any] = {
            "input_tokens": self.random.randint(1, 20),
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": cached,
        }
        if not style.old:
            short, long = _writes(style, written)
            usage["cache_creation"] = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
        return usage | {"output_tokens": 0, "service_tier": "standard"}

    def block(self, kind: str) -> dict[str, Any]:
        said = self.text(self.random.randint(5, 150))
        if kind == "thinking":
            return {"type": kind, "thinking": said, "signature": self.random.randbytes(150).hex()}
        if kind == "text":
            return {"type": kind, "text": said}
        name = self.random.choice(("Bash", "Edit", "Read"))
        return {"type": kind, "id": f"toolu_{self.random.randbytes(8).hex()}", "name": name, "input": {"command": said}}

    def asked(self, style: _Style, moment: datetime, *, sidechain: bool) -> dict[str, Any]:
        said = self.text(max(1, int(self.random.lognormvariate(7.2, 1.3)) // 9))
        block = {"tool_use_id": f"toolu_{self.random.randbytes(8).hex()}", "type": "tool_result", "content": said}
        line = self.base(style, moment, sidechain=sidechain) | {"type": "user"}
        line["message"] = {"role": "user", "content": [block]}
        result = {"stdout": said, "stderr": "", "interrupted": False}
        return line | self.end("user", moment) | {"toolUseResult": result}

    def failed(self, style: _Style, moment: datetime, *, sidechain: bool) -> dict[str, Any]:
        line = self.base(style, moment, sidechain=sidechain)
        error = self.random.random() < 0.5
        line["message"] = {
            "model": "<synthetic>",
            "id": self.uuid(),
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": "API Error" if error else "No response requested."}],
            "usage": {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0},
        }
        return line | ({"isApiErrorMessage": True} if error else {}) | self.end("assistant", moment)

    def base(self, style: _Style, moment: datetime, *, sidechain: bool) -> dict[str, Any]:
        return {
            "parentUuid": self.uuid(),
            "isSidechain": sidechain,
            "userType": "external",
            "cwd": f"/home/user/{style.project.rpartition('-')[2]}",
            "sessionId": style.session,
            "version": "1.0.3" if style.old else "2.1.140",
            "gitBranch": "main",
        }

    def end(self, kind: str, moment: datetime) -> dict[str, Any]:
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"type": kind, "uuid": self.uuid(), "timestamp": stamp}

    def copy(self, origin: Path, file: TextIO, changed: dict[str, Any]) -> None:
        """Begin a file with the first lines of another one, changed as they are in a copy."""
        with open(origin, encoding="utf-8") as lines:
            for line in (json.loads(line) for line, _ in zip(lines, range(self.random.randint(4, 60)), strict=False)):
                self.write(file, line | changed)

    def write(self, file: TextIO, line: dict[str, Any]) -> None:
        self.size += file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self.lines += 1

    def opened(self, path: Path) -> TextIO:
        self.files += 1
        return open(path, "w", encoding="utf-8", newline="\n")

    def text(self, words: int) -> str:
        return " ".join(self.random.choices(self.words, k=words))

    def uuid(self) -> str:
        digits = self.random.randbytes(16).hex()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _writes(style: _Style, written: int) -> tuple[int, int]:
    # Half of what such a session writes is for an hour.
    long = written // 2 if style.hourly and not style.old else 0
    return written - long, long


def generate(folder: Path, mb: float, seed: int = 1) -> Written:
    """Write sessions below a folder until they have so many million bytes, and return what they hold.

    The folder is what `CLAUDE_CONFIG_DIR` names. The same seed and size give the same files.
    """
    corpus = _Corpus(folder, seed)
    while corpus.size < mb * 1e6:
        corpus.session()
    totals = {key: tuple(sums) for key, sums in sorted(corpus.totals.items())}
    return Written(corpus.size, corpus.lines, corpus.files, corpus.messages, totals)


def rows(written: Written) -> Iterator[dict[str, Any]]:
    """Yield the totals of each day and model, in tokens."""
    for (day, model), sums in written.totals.items():
        yield {"date": day, "model": model, **dict(zip(("turns", *COUNTS), sums, strict=True))}


def main() -> int:
    """Write a corpus as the command line asks, and print what it holds as JSON."""
    parser = argparse.ArgumentParser(description="write transcripts of Claude Code from a seed")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mb", type=float, default=300, help="million bytes")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    written = generate(chosen.folder, chosen.mb, chosen.seed)
    about = {"size": written.size, "lines": written.lines, "files": written.files, "messages": written.messages}
    json.dump({**about, "totals": written.tokens(), "rows": list(rows(written))}, sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
