"""The footer under an answer of Google's Gemini."""

from google import genai

import usagebar
from usagebar.contract import from_response

bar = usagebar.load()
client = genai.Client()
answer = client.models.generate_content(model="gemini-2.5-flash", contents="Do the tests pass?")
contract = from_response(answer, "discord", identity={"name": "claw"}, max_tokens=1_048_576, prices=False)
print(answer.text)
print(bar.render(contract, "discord"))
