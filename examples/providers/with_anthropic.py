"""The footer under an answer of Anthropic's Messages API."""

import anthropic

import usagebar
from usagebar.contract import from_response

bar = usagebar.load()
PRICES = {"claude-opus-4-8": {"input": 5.0, "output": 25.0, "cache_read": 0.5, "cache_write": 6.25}}  # per 1M tokens

message = anthropic.Anthropic().messages.create(
    model="claude-opus-4-8", max_tokens=1024, messages=[{"role": "user", "content": "Do the tests pass?"}]
)
print(*[block.text for block in message.content if block.type == "text"])
contract = from_response(
    message, "discord", identity={"name": "claw", "emoji": "🦞"}, max_tokens=200_000, prices=PRICES
)
print(bar.render(contract, "discord"))
