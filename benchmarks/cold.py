"""A cold `usagebar render` as a whole process, in turns with an interpreter that does nothing."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from render import CONTRACT

ROUNDS = 40


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def measure() -> dict[str, tuple[float, float]]:
    """Return, for each command, its median seconds and the median of its ratios to `python3 -c pass`, pair by pair."""
    script = Path(sysconfig.get_path("scripts")) / "usagebar"
    with tempfile.TemporaryDirectory() as folder:
        turn, template = Path(folder) / "turn.json", Path(folder) / "footer.jsonc"
        turn.write_text(json.dumps(CONTRACT), "utf-8")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("USAGEBAR")}
        environment["HOME"] = folder
        subprocess.run([str(script), "init", str(template)], check=True, stdout=subprocess.DEVNULL)
        commands = {
            "usagebar render": [str(script), "render", str(turn)],
            "usagebar render --template": [str(script), "render", "--template", str(template), str(turn)],
            "python -m usagebar render": [sys.executable, "-m", "usagebar", "render", str(turn)],
        }
        nothing = [sys.executable, "-c", "pass"]
        pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                pairs[name].append((_seconds(command, environment), _seconds(nothing, environment)))
    return {
        name: (statistics.median(own for own, _ in found), statistics.median(own / base for own, base in found))
        for name, found in pairs.items()
    }
