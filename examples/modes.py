"""The command `/usage off|tokens|full|reset` of a bot, and the footer that each session chose.

python examples/modes.py
"""

import json
from pathlib import Path

import usagebar
from usagebar.contract import modes

CONTRACT = json.loads(Path(__file__).with_name("turns").joinpath("typical.json").read_text("utf-8"))
CONFIG = {"default": "off", "discord": "tokens"}
bar = usagebar.load()
store = modes.MemoryModeStore()  # modes.FileModeStore("usage-modes.json") outlives the bot


def usage_command(session: str, channel: str, argument: str) -> str:
    """Return the answer to `/usage ARGUMENT`."""
    try:
        return f"footer: {modes.switch(store, session, argument, config=CONFIG, channel=channel)}"
    except usagebar.ContractError as error:
        return f"/usage: {error}"


def footer(session: str, channel: str) -> str:
    """Return what stands below a reply."""
    mode = modes.current_mode(store, session, config=CONFIG, channel=channel)
    return modes.footer(bar, CONTRACT, channel, mode=mode)


if __name__ == "__main__":
    print(footer("s1", "discord"))
    for argument in ("", "off", "loud", "reset"):
        print(usage_command("s1", "discord", argument), footer("s1", "discord"), sep="\n")
