"""Measure the package beside its peers in one run, and print a table.

    pip install '.[bench]' && python benchmarks/run.py

Ratios are what counts: the peers ran on the same machine in the same minute. No test asserts a time.
"""

from __future__ import annotations

import platform
from importlib.metadata import version

import answers
import authoring
import cold
import composing
import load
import memory
import pricing
import render
import statusline

PACKAGES = ("usagebar", "jinja2", "minijinja", "json5", "pyTelegramBotAPI")


def row(what: str, figure: str, ratio: str, bar: str) -> str:
    return f"| {what} | {figure} | {ratio} | {bar} |"


def rows() -> list[str]:
    """Return the rows of the table."""
    lines = []
    renders = render.measure()
    own, hand = renders["usagebar"], renders["f-string by hand"]
    lines.append(row("`render`, built-in, Discord", f"{own * 1e6:.2f} µs", f"{own / hand:.2f} × f-string", "≤ 2.0 ×"))
    lines.append(row("f-string by hand, no guards", f"{hand * 1e6:.2f} µs", "1", ""))
    for peer, least in (("Jinja2", 4), ("MiniJinja", 2)):
        found = renders[peer]
        lines.append(row(f"{peer}, compiled", f"{found * 1e6:.2f} µs", f"{found / own:.1f} × ours", f"≥ {least} ×"))
    lines += [composing_row(what, *found) for what, found in composing.measure().items()]
    loads = load.measure()
    for what, bar in (("load", "≤ 3 ms"), ("load and first render", ""), ("json5 alone", "")):
        lines.append(row(f"{what}, built-in as JSONC", f"{loads[what] * 1e3:.2f} ms", "", bar))
    for what, (first, median) in authoring.measure().items():
        bar = "≤ 30 ms" if what.startswith("check") else "≤ 100 ms"
        lines.append(row(what, f"{median * 1e3:.1f} ms", f"first time {first * 1e3:.1f} ms", bar))
    for what, seconds in answers.measure().items():
        lines.append(row(f"`from_response`, {what}, priced", f"{seconds * 1e6:.1f} µs", "", "≤ 20 µs"))
    for what, (ours, theirs) in pricing.measure().items():
        peer = f"genai-prices {theirs / ours:.0f} × ours"
        lines.append(row(f"`turn_cost`, {what}", f"{ours * 1e6:.2f} µs", peer, "≤ 5 µs"))
    for what, (seconds, ratio) in cold.measure().items():
        figure = f"{seconds * 1e3:.0f} ms"
        lines.append(row(f"cold `{what}`", figure, f"{ratio:.2f} × `python3 -c pass`", "≤ 2.6 ×"))
    lines += [status_line_row(what, found) for what, found in statusline.measure(statusline.npm_root()).items()]
    grown = memory.measure()
    lines.append(row(f"growth over {memory.RENDERS:,} renders", f"{grown / 1024:.1f} KiB", "", "flat"))
    return lines


def composing_row(what: str, seconds: float, against: float) -> str:
    """Return the row of an escaped render or a composed reply, beside what it is held against, if anything."""
    figure = f"{seconds * 1e6:.1f} µs" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"
    if what.startswith("`render"):
        return row(what, figure, f"{seconds / against:.2f} × raw", "≤ 2 ×")
    bar = "≤ 1000 ms" if "1 MB" in what else "≤ 200 µs" if "discord" in what else ""
    return row(what, figure, f"smart_split {against / seconds:.1f} × ours" if against else "", bar)


def status_line_row(what: str, found: tuple[float, float] | None) -> str:
    """Return the row of a status line's command; None is one that is not installed."""
    if found is None:
        return row(f"cold `{what}`", "not installed", "", "")
    bar = "≤ 2.6 ×" if what.startswith("usagebar") else ""
    return row(f"cold `{what}`", f"{found[0] * 1e3:.0f} ms", f"{found[1]:.2f} × `python3 -c pass`", bar)


def main() -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(f"{platform.python_implementation()} {platform.python_version()}, {versions}\n")
    print("| What | Median | Ratio | Bar |\n| --- | --- | --- | --- |")
    print("\n".join(rows()))


if __name__ == "__main__":
    main()
