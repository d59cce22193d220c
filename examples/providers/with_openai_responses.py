"""The footer under an answer of OpenAI's Responses API."""

import openai

import usagebar
from usagebar.contract import from_response

bar = usagebar.load()
response = openai.OpenAI().responses.create(model="gpt-5.2", input="Do the tests pass?", reasoning={"effort": "high"})
contract = from_response(response, "telegram", identity={"name": "claw"}, max_tokens=400_000, prices=False)
print(response.output_text)
print(bar.render(contract, "telegram"))
