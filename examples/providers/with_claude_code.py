"""A status line of one's own for Claude Code, which writes its status to the command's input.

python examples/providers/with_claude_code.py < examples/providers/claude_code_status.json
"""

import json
import sys

import usagebar
from usagebar.contract import from_claude_code

bar = usagebar.load()
contract = from_claude_code(json.load(sys.stdin), "terminal", identity={"name": "claude"})
print(bar.render(contract, "terminal"))
