"""`usagebar init`: a template to start from."""

from __future__ import annotations

import os
import sys

from usagebar.cli.options import Command, Option, Options

COMMAND = Command(
    "init",
    "Write the built-in template as commented JSONC, to start from.",
    operands="[PATH]",
    most_operands=1,
    options=(Option("--force", "replace a file that is there already"),),
    details=(
        "PATH is usagebar.jsonc if not given; - is standard output. A file that is there already is left alone,\n"
        "unless --force is given."
    ),
    examples=(
        ("usagebar init", "writes usagebar.jsonc"),
        (
            "usagebar init ~/.openclaw/footer.jsonc",
            "writes it where OpenClaw's messages.usageTemplate may name it",
        ),
        ("usagebar init - | less", "shows it"),
    ),
)

DEFAULT_PATH = "usagebar.jsonc"


def run(options: Options) -> int:
    """Run the command."""
    path = os.path.expanduser(options.operands[0]) if options.operands else DEFAULT_PATH
    text = starting_template()
    if path == "-":
        sys.stdout.buffer.write(text)
        return 0
    if wrong := _wrong_path(path):
        return _failed(wrong)
    try:
        (_replace if options.has("--force") else _create)(path, text)
    except FileExistsError:
        return _failed(f"expected no file at {path}, found one\nhelp: usagebar init --force replaces it")
    except OSError as error:
        return _failed(f"cannot write {path}: {(error.strerror or str(error)).lower()}")
    except ValueError:
        return _failed(f"expected a path, found {path!r}, which no file can have")
    print(f"wrote {path}; see it with: usagebar render --template {_quoted(path)} turn.json")
    return 0


def _wrong_path(path: str) -> str:
    """Say why there can be no template at a path, `""` if there can."""
    if not path:
        return "expected a path, found an empty one"
    if not os.path.exists(path) or os.path.isfile(path):
        return ""
    # Also with --force: it must put no file in the place of a folder or a device.
    return (
        f"expected no file or a regular file at {path}, found {'a folder' if os.path.isdir(path) else 'something else'}"
    )


def starting_template() -> bytes:
    """Return the built-in template as commented JSONC."""
    from importlib.resources import files  # noqa: PLC0415 - slow to import, and only needed here

    return files("usagebar.template").joinpath("builtin.jsonc").read_bytes()


def _create(path: str, text: bytes) -> None:
    """Write a new file, or none: one that is there already, or appears meanwhile, is left alone."""
    with open(path, "xb") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            os.unlink(path)
            raise


def _replace(path: str, text: bytes) -> None:
    """Put a whole new file in the place of one that may be there."""
    target = os.path.realpath(path)
    part = f"{target}.{os.getpid()}.part"
    _create(part, text)
    try:
        if os.path.exists(target):
            os.chmod(part, os.stat(target).st_mode & 0o7777)
        os.replace(part, target)
    except OSError:
        os.unlink(part)
        raise


def _quoted(path: str) -> str:
    from shlex import quote  # noqa: PLC0415 - brings `re` along

    return quote(path)


def _failed(message: str) -> int:
    print(f"usagebar init: {message}", file=sys.stderr)
    return 2
