"""The footer under a run of a pydantic-ai agent, of however many calls."""

from pydantic_ai import Agent

import usagebar
from usagebar.contract import from_response

bar = usagebar.load()
agent = Agent("anthropic:claude-opus-4-8")


@agent.tool_plain
def run_tests() -> str:
    """Run the tests."""
    return "12 passed"


result = agent.run_sync("Do the tests pass?")
contract = from_response(result, "discord", identity={"name": "claw"}, max_tokens=200_000, prices=False)
print(result.output)
print(bar.render(contract, "discord"))
