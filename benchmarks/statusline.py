"""Cold status lines of Claude Code, each as a whole process, in turns with an interpreter that does nothing.

    pip install . && npm install ccstatusline ccusage && python benchmarks/statusline.py

Each is given the same input on standard input. The npm packages are looked for where `npm root` says, or in the folder
given by `--npm FOLDER`; those that are not there are listed as not installed. ccusage is run offline, and all of them
with an empty home but for a short transcript.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any, TypeAlias

ROUNDS = 40
WIDTH = "100"

STATUS: dict[str, Any] = {
    "session_id": "5f0c7c1e-1d0a-4c7e-8d7a-0d6c2f6d2a11",
    "version": "2.1.140",
    "model": {"id": "claude-opus-4-5-20251101", "display_name": "Opus 4.5"},
    "output_style": {"name": "default"},
    "effort": {"level": "high"},
    "fast_mode": False,
    "cost": {"total_cost_usd": 1.2345, "total_duration_ms": 845000, "total_api_duration_ms": 123000},
    "context_window": {
        "total_input_tokens": 150208,
        "total_output_tokens": 340,
        "context_window_size": 200000,
        "used_percentage": 75,
        "remaining_percentage": 25,
        "current_usage": {
            "input_tokens": 8,
            "output_tokens": 340,
            "cache_creation_input_tokens": 2200,
            "cache_read_input_tokens": 148000,
        },
    },
    "exceeds_200k_tokens": False,
}
USAGE = STATUS["context_window"]["current_usage"]

# What people write by hand: one jq call for all figures, and a meter of ten cells.
BASH_AND_JQ = r"""
IFS=$'\t' read -r model effort size pct cost five_h five_at <<< "$(jq -r '[
  .model.display_name // "Claude", .effort.level // "", (.context_window.context_window_size // 0) / 1000 | floor,
  .context_window.used_percentage // 0 | round, .cost.total_cost_usd // 0,
  100 - (.rate_limits.five_hour.used_percentage // 0) | round, .rate_limits.five_hour.resets_at // 0] | @tsv')"
filled=$((pct / 10)); bar=""
for ((i = 0; i < 10; i++)); do ((i < filled)) && bar+="▓" || bar+="░"; done
left=$((five_at - EPOCHSECONDS))
printf '%s \e[2m%s\e[0m [%s]%sk %s%% $%.2f │ 5h %s%% left ⏱%dh%02dm\n' \
  "$model" "$effort" "$bar" "$size" "$pct" "$cost" "$five_h" $((left / 3600)) $((left % 3600 / 60))
"""
TEMPLATE = {
    "scales": {"block": "░▏▎▍▌▋▊▉█"},
    "output": {
        "sep": " │ ",
        "default": [
            {"text": "{model.display_name|?} {model.reasoning}"},
            {"when": "context.pct_used", "text": "[{context.pct_used|meter:10:block}] {context.pct_used|pct}"},
            {"when": "cost.session_usd", "text": "${cost.session_usd|fixed:2}"},
            {"each": "limits.windows", "item": "{label} {pct_left|pct} ⏱{resets_in_s|dur|?}", "join": " "},
        ],
    },
}

NOTHING = "python3 -c pass"
# Name → its command, None if it is not installed.
Commands: TypeAlias = dict[str, list[str] | None]


def _found(name: str, *words: str) -> list[str] | None:
    path = shutil.which(name)
    return None if path is None else [path, *words]


def npm_root() -> Path | None:
    """Return the folder that npm installs packages into, from here."""
    npm = _found("npm", "root")
    if npm is None:
        return None
    return Path(subprocess.run(npm, capture_output=True, text=True, check=True).stdout.strip())


def _package(modules: Path | None, name: str, *words: str) -> list[str] | None:
    program = None if modules is None else modules / ".bin" / name
    return [str(program), *words] if program is not None and program.exists() else None


def commands(modules: Path | None, template: Path) -> Commands:
    """Return what is measured beside the interpreter that does nothing."""
    own = [str(Path(sysconfig.get_path("scripts")) / "usagebar"), "statusline"]
    return {
        "usagebar statusline": own,
        "usagebar statusline --template": [*own, "--template", str(template)],
        "bash and jq": _found("bash", "-c", BASH_AND_JQ) if shutil.which("jq") else None,
        "node -e 0": _found("node", "-e", "0"),
        "ccstatusline": _package(modules, "ccstatusline"),
        "ccusage statusline --offline": _package(modules, "ccusage", "statusline", "--offline"),
    }


def _seconds(command: list[str], data: bytes, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, input=data, check=True, capture_output=True, env=environment)
    taken = time.perf_counter() - start
    if command[-1] not in ("pass", "0") and not done.stdout.strip():
        raise RuntimeError(f"{command[0]} printed nothing: {done.stderr.decode(errors='replace')}")
    return taken


def measure(modules: Path | None = None) -> dict[str, tuple[float, float] | None]:
    """Return, for each command, its median seconds and the median of its ratios to `python3 -c pass`, pair by pair.

    None stands for what is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        template, transcript = home / "footer.jsonc", home / ".claude" / "projects" / "x" / "5f0c.jsonl"
        transcript.parent.mkdir(parents=True)
        transcript.write_text(json.dumps(_answer()) + "\n", "utf-8")
        template.write_text(json.dumps(TEMPLATE), "utf-8")
        found = commands(modules, template)
        return _ratios({name: command for name, command in found.items() if command}, _status(transcript), home) | {
            name: None for name, command in found.items() if not command
        }


def _answer() -> dict[str, Any]:
    """Return a line of a transcript."""
    message = {"id": "msg_1", "role": "assistant", "model": STATUS["model"]["id"], "usage": USAGE}
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    more = {"sessionId": STATUS["session_id"], "requestId": "req_1", "version": STATUS["version"], "cwd": "/x"}
    return {"type": "assistant", "timestamp": now, "message": message} | more


def _status(transcript: Path) -> bytes:
    now = int(time.time())
    limits = {
        "five_hour": {"used_percentage": 22, "resets_at": now + 16_140},
        "seven_day": {"used_percentage": 59, "resets_at": now + 280_000},
    }
    here = str(transcript.parent)
    place = {"transcript_path": str(transcript), "cwd": here, "workspace": {"current_dir": here, "project_dir": here}}
    return json.dumps(STATUS | place | {"rate_limits": limits}).encode()


def _ratios(found: dict[str, list[str]], data: bytes, home: Path) -> dict[str, tuple[float, float] | None]:
    unwanted = ("USAGEBAR", "CLAUDE", "CCUSAGE", "XDG_", "NO_COLOR", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    environment |= {"HOME": str(home), "COLUMNS": WIDTH}
    nothing = [sys.executable, "-c", "pass"]
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in found}
    for _ in range(ROUNDS):
        for name, command in found.items():
            pairs[name].append((_seconds(command, data, environment), _seconds(nothing, data, environment)))
    bases = [base for each in pairs.values() for _, base in each]
    ratios: dict[str, tuple[float, float] | None] = {NOTHING: (statistics.median(bases), 1.0)}
    for name, each in pairs.items():
        ratios[name] = statistics.median(own for own, _ in each), statistics.median(own / base for own, base in each)
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure cold status lines of Claude Code.")
    parser.add_argument("--npm", type=Path, metavar="FOLDER", help="node_modules with ccstatusline and ccusage")
    modules = parser.parse_args().npm or npm_root()
    print(f"{platform.python_implementation()} {platform.python_version()}, {ROUNDS} rounds\n")
    print("| What | Median | × `python3 -c pass` |\n| --- | --- | --- |")
    for name, measured in measure(modules).items():
        seconds, ratio = measured or (0.0, 0.0)
        figures = f"{seconds * 1e3:.0f} ms | {ratio:.2f}" if measured else "not installed | "
        print(f"| `{name}` | {figures} |")


if __name__ == "__main__":
    main()
