"""`usagebar init`: a template to start from, and the JSON Schema by which editors know what may stand in it.

The template is what was asked for. So a schema that cannot be written beside it costs a warning and no more: the
template stays, and the exit code is 0.
"""

from __future__ import annotations

import os
import sys

from usagebar.cli.options import Command, Option, Options
from usagebar.template.builtin import SCHEMA

FAILED = 2

COMMAND = Command(
    "init",
    "Write the built-in template, or a preset, as commented JSONC, to start from.",
    operands="[PATH]",
    most_operands=1,
    options=(
        Option("--preset", "this one of `usagebar presets` in place of the built-in", "NAME"),
        Option("--force", "replace a file that is there already"),
    ),
    details=(
        "PATH is usagebar.jsonc if not given; - is standard output. A file that is there already is left alone,\n"
        "unless --force is given. The JSON Schema that the template names is written beside it, unless there is one:\n"
        "with it, editors complete a template and check it. If it cannot be written there is a warning."
    ),
    examples=(
        ("usagebar init", "writes usagebar.jsonc"),
        ("usagebar init --preset compact", "writes one of the templates that `usagebar presets` shows"),
        (
            "usagebar init ~/.openclaw/footer.jsonc",
            "writes it where OpenClaw's messages.usageTemplate may name it",
        ),
        ("usagebar init - | less", "shows it"),
    ),
)

DEFAULT_PATH = "usagebar.jsonc"
SCHEMA_FILE = f"{SCHEMA}.schema.json"


def run(options: Options) -> int:
    """Run the command."""
    text = _template(options.value("--preset"))
    if text is None:
        return FAILED
    path = os.path.expanduser(options.operands[0]) if options.operands else DEFAULT_PATH
    if path == "-":
        sys.stdout.buffer.write(text)
        return 0
    if not _written(path, text, replace=options.has("--force")):
        return FAILED
    print(f"wrote {path}; see it with: usagebar preview {_quoted(path)}")
    _write_schema(os.path.dirname(path))
    return 0


def _template(preset: str | None) -> bytes | None:
    """Return the template to start from; None, with a word about it, if there is no such preset."""
    if preset is None:
        return starting_template()
    from usagebar.cli.presets import unknown_preset  # noqa: PLC0415 - only asked for here
    from usagebar.template.presets import preset_names, preset_text  # noqa: PLC0415 - as above

    if wrong := unknown_preset(preset, preset_names()):
        _failed(wrong)
        return None
    return preset_text(preset).encode()


def _written(path: str, text: bytes, *, replace: bool) -> bool:
    """Write the template and tell whether it could be; if not, say why."""
    if wrong := _wrong_path(path):
        return _failed(wrong)
    try:
        (_replace if replace else _create)(path, text)
    except FileExistsError:
        return _failed(f"expected no file at {path}, found one\nhelp: usagebar init --force replaces it")
    except OSError as error:
        return _failed(f"cannot write {path}: {_reason(error)}")
    except ValueError:
        return _failed(f"expected a path, found {path!r}, which no file can have")
    return True


def _write_schema(folder: str) -> None:
    """Write the JSON Schema that templates name into a folder, unless there is one; warn if it cannot be written."""
    path = os.path.join(folder, SCHEMA_FILE)
    if os.path.lexists(path):
        return
    from usagebar.schemas import schema_text  # noqa: PLC0415 - pydantic is slow to import

    try:
        _create(path, schema_text("template").encode())
    except FileExistsError:  # it appeared meanwhile
        return
    except OSError as error:
        print(f"usagebar init: cannot write {path}: {_reason(error)}", file=sys.stderr)
        print("help: the template is whole without it; usagebar schema prints it", file=sys.stderr)
        return
    print(f"wrote {path}, by which editors complete and check the template")


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


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _failed(message: str) -> bool:
    print(f"usagebar init: {message}", file=sys.stderr)
    return False
