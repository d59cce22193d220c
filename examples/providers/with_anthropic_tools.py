"""The footer under a turn of several calls: a tool that the model asks for, until it asks for none."""

import anthropic

import usagebar
from usagebar.contract import Turn

bar = usagebar.load()
client = anthropic.Anthropic()
turn = Turn("discord", identity={"name": "claw", "emoji": "🦞"}, max_tokens=200_000, prices=False)
messages: list[anthropic.types.MessageParam] = [{"role": "user", "content": "Do the tests pass?"}]
tools: list[anthropic.types.ToolParam] = [{"name": "run_tests", "input_schema": {"type": "object"}}]

while True:
    message = client.messages.create(model="claude-opus-4-8", max_tokens=1024, messages=messages, tools=tools)
    turn.add(message)
    calls = [block for block in message.content if block.type == "tool_use"]
    if not calls:
        break
    messages.append({"role": "assistant", "content": message.content})
    messages.append(
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": c.id, "content": "12 passed"} for c in calls],
        }
    )

print(*[block.text for block in message.content if block.type == "text"])
contract = turn.contract()
print(bar.render(contract, "discord"))
print(
    contract["usage"]["output_tokens"], "tokens of output, of which", contract["usage"]["last"]["output_tokens"], "last"
)
