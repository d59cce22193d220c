"""The footer under a stream of OpenAI's Chat Completions API; the last chunk has the counts."""

import openai

import usagebar
from usagebar.contract import from_response

bar = usagebar.load()
stream = openai.OpenAI().chat.completions.create(
    model="gpt-5.2",
    messages=[{"role": "user", "content": "Do the tests pass?"}],
    stream=True,
    stream_options={"include_usage": True},
)
for chunk in stream:
    print(*[choice.delta.content or "" for choice in chunk.choices], sep="", end="")
contract = from_response(chunk, "slack", identity={"name": "claw"}, max_tokens=400_000, prices=False)
print(f"\n{bar.render(contract, 'slack')}")
