"""The presets: templates to start from, beside the built-in one, each a file of the folder `presets`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SUFFIX = ".jsonc"


def preset_names() -> tuple[str, ...]:
    """Return the names of the presets in their alphabetical order."""
    names = [file.name for file in _folder().iterdir()]
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def preset_text(name: str) -> str:
    """Return a preset as commented JSONC.

    Raises:
        ValueError: there is no preset of that name.
    """
    names = preset_names()
    if name not in names:
        raise ValueError(f"expected one of {', '.join(names)}, found {name!r}")
    return _folder().joinpath(name + _SUFFIX).read_text("utf-8")


def preset_summary(name: str) -> str:
    """Return what a preset is for: its first comment.

    Raises:
        ValueError: there is no preset of that name.
    """
    return preset_text(name).partition("\n")[0].removeprefix("//").strip()


def _folder() -> Traversable:
    from importlib.resources import files  # noqa: PLC0415 - slow to import, and no rendering needs it

    return files("usagebar.template").joinpath("presets")
