"""The footer under a stream of LangChain's: the chunks' sum has the counts."""

from langchain_anthropic import ChatAnthropic

import usagebar
from usagebar.contract import from_response

bar = usagebar.load()
chunks = ChatAnthropic(model_name="claude-opus-4-8", timeout=None, stop=None).stream("Do the tests pass?")
answer = next(chunks)
for chunk in chunks:
    answer += chunk
contract = from_response(answer, "discord", identity={"name": "claw"}, max_tokens=200_000, prices=False)
print(answer.text)
print(bar.render(contract, "discord"))
