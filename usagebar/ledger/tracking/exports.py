"""Files that are written for other programs: whole or not at all, and harmless in a spreadsheet."""

from __future__ import annotations

import os
from contextlib import suppress

# A spreadsheet takes a cell that starts so for a formula, and may run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that at its path there is never anything but the old one or the whole new one.

    A link stays one, and a file that is replaced hands on its permissions. Raises `OSError` if it cannot be written;
    then nothing has changed.
    """
    target = os.path.realpath(os.path.expanduser(os.fspath(path)))
    part = f"{target}.{os.getpid()}.{os.urandom(4).hex()}.part"
    try:
        with open(part, "xb") as file:
            if os.path.exists(target):
                os.chmod(part, os.stat(target).st_mode & 0o7777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(part)
        raise


def harmless(cell: str) -> str:
    """Return a text as a cell of a CSV file: with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def decimal_usd(pico: int) -> str:
    """Return picodollars as US dollars in decimal digits, exactly: never `1e-05`."""
    whole, rest = divmod(pico, 10**12)
    digits = f"{rest:012d}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)
