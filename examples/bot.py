"""A bot's reply with its footer: the reply state of a turn in, the text to send out.

python examples/bot.py
"""

import json
from pathlib import Path

import usagebar

HERE = Path(__file__).parent

# One for the whole bot: it reads the file again when it changed, and keeps the last good template if an edit breaks it.
template = usagebar.TemplateStore(HERE / "templates" / "slack.jsonc")


def with_footer(reply: str, state: dict[str, object], surface: str) -> str:
    """Return a reply with the footer of its turn."""
    contract = usagebar.build_contract(state, surface)
    footer = template.bar.render(contract)
    return f"{reply}\n{footer}" if footer else reply


if __name__ == "__main__":
    state = json.loads((HERE / "states" / "reply-state.json").read_text("utf-8"))
    print(with_footer("The tests pass now.", state, "slack"))
