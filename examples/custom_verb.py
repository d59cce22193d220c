"""A verb of one's own: `f(value, *args) -> value`. A verb that raises costs its piece only.

python examples/custom_verb.py
"""

import usagebar


def euro(usd: float, rate: str = "0.92") -> str:
    """Return an amount in US dollars as euros."""
    return f"{usd * float(rate):.3f} €"


TEMPLATE = """{
  // {path|euro} or {path|euro:RATE}
  "output": { "default": [ { "when": "cost.turn_usd", "text": "about {cost.turn_usd|euro:0.9}" } ] },
}"""

bar = usagebar.parse(TEMPLATE, verbs={"euro": euro})

if __name__ == "__main__":
    print(bar.render({"cost": {"turn_usd": 0.0377}}))
