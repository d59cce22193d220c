"""The ways in which editors and programs change a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)


def rename_over(path: Path, text: str) -> None:
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


def delete_and_create(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def restore_times(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def rename_over_with_times(path: Path, text: str) -> None:
    before = path.stat()
    other = path.with_suffix(".new")
    other.write_text(text)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def relink(path: Path, text: str) -> None:
    target = path.with_name(f"{text.encode().hex()[-40:]}")
    target.write_text(text)
    path.unlink()
    path.symlink_to(target)


EDITS: list[Callable[[Path, str], None]] = [
    rewrite,
    rename_over,
    delete_and_create,
    restore_times,
    rename_over_with_times,
    relink,
]
