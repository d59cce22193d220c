"""Find the runtimes' logs: which files there are to read, without opening one of them.

Ten thousand files are looked at in each run, most of them to learn that they are as they were: folders are listed with
`os.scandir`, and each file is asked for its size and time once.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import itemgetter
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

from usagebar.ledger.reading.parts import Source
from usagebar.ledger.turns import CLAUDE, OPENCLAW

CLAUDE_FOLDERS, OPENCLAW_FOLDERS = "CLAUDE_CONFIG_DIR", "OPENCLAW_DIR"  # comma lists
# Where OpenClaw keeps its data, under the names it had.
_OPENCLAW_HOMES = (".openclaw", ".clawdbot", ".moltbot")
_PROJECTS = "projects"
_SESSIONS, LIST = "sessions.json", "openclaw-sessions"
_DATABASE = os.path.join("agent", "openclaw-agent.sqlite")
# Deeper trees are no runtime's; a system has an end of its own for the length of a path.
_DEEPEST = 64
# What Windows knows of an entry of a folder lacks its number.
_stat = os.DirEntry.stat if os.name != "nt" else os.stat
# Gone since the folder was listed, or a link to nowhere or to itself.
_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Found(NamedTuple):
    """Hold the files to read, those longest untouched first, and the folders looked through, existing or not.

    `unread` are sentences for folders and files that cannot be looked at.
    """

    sources: list[Source]
    looked: list[str]
    unread: list[str]


def find_sources(runtimes: Collection[str], environment: Mapping[str, str], home: str) -> Found:
    """Find the logs of the runtimes (`claude`, `openclaw`) below the folders that the environment names.

    Without `CLAUDE_CONFIG_DIR` and `OPENCLAW_DIR` it looks in the places that the runtimes use, below `home`. A folder
    that does not exist counts as empty. Each file is found once, however many links lead to it.
    """
    search = _Search()
    if CLAUDE in runtimes:
        for root in _claude_roots(environment, home):
            search.claude(root)
    if OPENCLAW in runtimes:
        for root in _openclaw_roots(environment, home):
            search.openclaw(root)
    sources = sorted(search.sources.values(), key=itemgetter(3, 1))  # the time of the last change, and the path
    return Found(sources, search.looked, search.unread)


def _claude_roots(environment: Mapping[str, str], home: str) -> list[str]:
    named = _named(environment.get(CLAUDE_FOLDERS), home)
    if named:
        return named
    config = (environment.get("XDG_CONFIG_HOME") or "").strip() or os.path.join(home, ".config")
    return [os.path.join(home, ".claude"), os.path.join(config, "claude")]


def _openclaw_roots(environment: Mapping[str, str], home: str) -> list[str]:
    return _named(environment.get(OPENCLAW_FOLDERS), home) or [os.path.join(home, name) for name in _OPENCLAW_HOMES]


def _named(folders: str | None, home: str) -> list[str]:
    """Return the folders of a comma list, absolute, each once."""
    words = (word.strip() for word in (folders or "").split(","))
    return list(dict.fromkeys(os.path.abspath(_expanded(word, home)) for word in words if word))


def _expanded(folder: str, home: str) -> str:
    if folder == "~":
        return home
    starts = ("~/", "~" + os.sep)
    return os.path.join(home, folder[2:]) if folder.startswith(starts) else os.path.expanduser(folder)


class _Search:
    """Gather sources; what was seen once, by its device and number there, is not looked at again."""

    def __init__(self) -> None:
        self.sources: dict[tuple[int, int], Source] = {}
        self.looked: list[str] = []
        self.unread: list[str] = []
        self._folders: set[tuple[int, int]] = set()

    def claude(self, root: str) -> None:
        """Find `projects/**/*.jsonl` below a folder, which may itself be the `projects` folder."""
        projects = root if os.path.basename(root) == _PROJECTS else os.path.join(root, _PROJECTS)
        self.looked.append(projects)
        waiting = [(projects, 0)]
        # Level by level, and no links first: the straight way to a folder is the one it is known by.
        for folder, depth in waiting:
            for entry, found in self._entries(folder):
                if S_ISDIR(found.st_mode):
                    if depth < _DEEPEST:
                        waiting.append((entry.path, depth + 1))
                elif entry.name.endswith(".jsonl"):
                    self._take("claude", entry.path, found, root, None)

    def openclaw(self, root: str) -> None:
        """Find the transcripts and the database of each agent below `agents`."""
        agents = os.path.join(root, "agents")
        self.looked.append(agents)
        for agent, found in list(self._entries(agents)):
            if not S_ISDIR(found.st_mode):
                continue
            sessions = os.path.join(agent.path, "sessions")
            for folder in (sessions, os.path.join(sessions, "cold")):
                for entry, file in self._entries(folder):
                    kind = kind_of(entry.name)
                    if S_ISREG(file.st_mode) and kind is not None and (kind != LIST or folder is sessions):
                        self._take(kind, entry.path, file, root, agent.name)
            self._database(os.path.join(agent.path, _DATABASE), root, agent.name)

    def _database(self, path: str, root: str, agent: str) -> None:
        try:
            found = os.stat(path)
        except OSError as error:
            self._tell(path, error)
        else:
            self._take("openclaw-sqlite", path, found, root, agent)

    def _take(self, kind: str, path: str, found: os.stat_result, root: str, agent: str | None) -> None:
        if S_ISREG(found.st_mode):
            inode = found.st_ino
            source = Source(kind, path, found.st_size, found.st_mtime_ns, inode, root, agent)
            known = self.sources.setdefault((found.st_dev, inode), source)
            # Of two links the same one is taken whatever order the folder lists them in.
            if known is not source and path < known.path and root == known.root:
                self.sources[found.st_dev, inode] = source

    def _entries(self, folder: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        """Walk what a folder holds that may be a log or hold one; each real folder once."""
        try:
            stamp = os.stat(folder)
            if not S_ISDIR(stamp.st_mode) or (stamp.st_dev, stamp.st_ino) in self._folders:
                return
            self._folders.add((stamp.st_dev, stamp.st_ino))
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError as error:
            self._tell(folder, error)
        else:
            yield from self._stats(_sorted_if_linked(entries))

    def _stats(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        for entry in entries:
            try:
                # Whether it is a folder is known without asking for more, and most others are no logs.
                if ".jsonl" in entry.name or entry.name == _SESSIONS or entry.is_dir():
                    yield entry, _stat(entry)
            except OSError as error:
                self._tell(entry.path, error)

    def _tell(self, path: str, error: OSError) -> None:
        if error.errno not in _NOWHERE:
            self.unread.append(f"{path}: {error.strerror or type(error).__name__}")


def _sorted_if_linked(entries: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    # With links it matters which way to a folder is taken first.
    if any(entry.is_symlink() for entry in entries):
        entries.sort(key=lambda entry: (entry.is_symlink(), entry.name))
    return entries


def kind_of(name: str) -> str | None:
    """Return the kind of a file among an agent's sessions, None if it is neither a transcript nor their list."""
    if name == _SESSIONS:
        return LIST
    stem, dot, end = name.partition(".jsonl")
    if not dot or not stem or stem.endswith(".trajectory") or ".checkpoint." in stem:
        return None
    if end.endswith(".zst"):
        return "openclaw-zst"
    return "openclaw-jsonl" if not end or end.startswith((".reset.", ".deleted.")) else None
