"""The footer under an answer that came through LiteLLM, from any provider."""

import litellm

import usagebar
from usagebar.contract import from_response

bar = usagebar.load()
answer = litellm.completion(
    model="anthropic/claude-opus-4-8", messages=[{"role": "user", "content": "Do the tests pass?"}]
)
contract = from_response(answer, "discord", identity={"name": "claw"}, max_tokens=200_000, prices=False)
print(answer.choices[0].message.content)
print(bar.render(contract, "discord"))
