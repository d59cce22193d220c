"""The SDKs' own classes: an answer as the SDK's object gives the contract of its payload."""

from __future__ import annotations

import copy
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from usagebar import contract as contracts
from usagebar.contract import Turn, from_response

FOLDER = Path(__file__).with_name("payloads")
FILES = sorted(FOLDER.glob("*/*.json"))
CASES = {path.relative_to(FOLDER).with_suffix("").as_posix(): json.loads(path.read_text("utf-8")) for path in FILES}
WITH_CLASS = {name: case for name, case in CASES.items() if "class" in case}
EACH = pytest.mark.parametrize("case", WITH_CLASS.values(), ids=WITH_CLASS)
# Objects that are taken for another kind's, each with the kind; a mark fails once they are not.
RECOGNISED = pytest.mark.parametrize("case", WITH_CLASS.values(), ids=WITH_CLASS)
# Those of pydantic-ai are dataclasses.
MODELS = {name: case for name, case in WITH_CLASS.items() if case["source"] != "pydantic_ai"}
NAMES = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "total_tokens")

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm"),
    pytest.mark.filterwarnings("ignore:Item .* on TypedDict class .* is using the `ReadOnly`:UserWarning"),
]


@pytest.fixture(autouse=True)
def local_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep LiteLLM from fetching its price list when it is imported."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def class_of(case: dict[str, Any]) -> Any:
    module, _, name = case["class"].rpartition(".")
    pytest.importorskip(module.partition(".")[0] if not module.startswith("google") else "google.genai")
    return getattr(importlib.import_module(module), name)


def built(case: dict[str, Any]) -> Any:
    """Return a payload as the SDK builds it from the wire."""
    kind, payload = class_of(case), copy.deepcopy(case["payload"])
    if case["source"] == "litellm":
        return kind(**payload)
    if case["source"] != "pydantic_ai":
        return kind.model_validate(payload)
    if kind.__name__ in ("RequestUsage", "RunUsage"):
        return kind(**payload)
    from pydantic import TypeAdapter

    return TypeAdapter(kind).validate_python(payload)


def named(contract: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    return {section: contract.get(section, {}) for section in case["contract"]}


@EACH
def test_an_object_gives_what_its_payload_gives(case: dict[str, Any]) -> None:
    obj = built(case)
    reader = getattr(contracts, f"from_{case['source']}")
    assert named(reader(obj, **case["known"]), case) == case["contract"]


@RECOGNISED
def test_an_object_is_recognised(case: dict[str, Any]) -> None:
    assert named(from_response(built(case), **case["known"]), case) == case["contract"]


@RECOGNISED
def test_an_object_alone_is_a_turn(case: dict[str, Any]) -> None:
    contract = Turn(**case["known"]).add(built(case)).contract()
    assert named(contract, case) == case["contract"]


@pytest.mark.parametrize("case", MODELS.values(), ids=MODELS)
def test_an_object_dumped_is_a_payload_again(case: dict[str, Any]) -> None:
    dumped = built(case).model_dump(mode="json")
    assert named(from_response(dumped, **case["known"]), case) == case["contract"]


def test_a_run_counts_its_own_calls_alone() -> None:
    """The history that it was given was paid for by an earlier turn."""
    pytest.importorskip("pydantic_ai")
    from pydantic_ai import Agent
    from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
    from pydantic_ai.models.function import AgentInfo, FunctionModel
    from pydantic_ai.usage import RequestUsage

    def answer(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        usage = RequestUsage(input_tokens=100 * len(messages), cache_read_tokens=60 * len(messages), output_tokens=10)
        return ModelResponse([TextPart("yes")], usage=usage)

    agent = Agent(FunctionModel(answer))
    first = agent.run_sync("Do the tests pass?")
    second = agent.run_sync("And now?", message_history=first.all_messages())
    # The second run's one request has three messages: 300 tokens, 180 of them cached.
    counts = {"input_tokens": 120, "cache_read_tokens": 180, "output_tokens": 10, "cache_hit_pct": 60}
    contract = from_response(second, prices=False, max_tokens=1000)
    assert contract["usage"]["last"] == counts
    assert contract["usage"].items() >= counts.items()
    assert contract["context"] == {"max_tokens": 1000, "used_tokens": 300, "pct_used": 30}


@pytest.mark.parametrize("form", ["dumpd", "message_to_dict", "state", "raw", "generation"])
def test_the_forms_of_a_langchain_message(form: str) -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.load import dumpd
    from langchain_core.messages import HumanMessage, message_to_dict
    from langchain_core.outputs import ChatGeneration, ChatResult

    case = CASES["langchain/cached"]
    message = built(case)
    forms: dict[str, Any] = {
        "dumpd": dumpd(message),
        "message_to_dict": message_to_dict(message),
        "state": {"messages": [HumanMessage("Do the tests pass?"), message]},
        "raw": {"raw": message, "parsed": None, "parsing_error": None},
        "generation": ChatResult(generations=[ChatGeneration(message=message)]),
    }
    assert named(from_response(forms[form], **case["known"]), case) == case["contract"]


def test_a_sum_of_chunks_is_one_call() -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.messages import AIMessageChunk

    begun = AIMessageChunk(content="The tests", response_metadata={"model_name": "m"})
    usage: Any = {
        "input_tokens": 100,
        "output_tokens": 20,
        "total_tokens": 120,
        "input_token_details": {"cache_read": 60},
    }
    contract = from_response(begun + AIMessageChunk(content=" pass.", usage_metadata=usage), prices=False)
    assert contract["model"]["id"] == "m"
    assert contract["usage"]["last"] == {
        "input_tokens": 40,
        "cache_read_tokens": 60,
        "output_tokens": 20,
        "total_tokens": 120,
        "cache_hit_pct": 60,
    }


def test_calls_of_several_providers_in_one_turn() -> None:
    """A turn that fell back to another provider: both calls are billed, the last one fills the window."""
    pytest.importorskip("anthropic")
    pytest.importorskip("openai")
    answers = [built(CASES[name]) for name in ("anthropic/cached", "openai_chat/cache-write")]
    contract = Turn(prices=False).add(answers[0]).add(answers[1], is_fallback=True).contract()
    # 1200 + 1500, 40000 + 1000, 800 + 500, 340 + 40; Anthropic tells no total, so the turn has none.
    assert {name: value for name, value in contract["usage"].items() if name in NAMES} == {
        "input_tokens": 2700,
        "cache_read_tokens": 41000,
        "cache_write_tokens": 1300,
        "output_tokens": 380,
    }
    assert contract["context"] == {"used_tokens": 3000}
    assert contract["model"]["id"] == "gpt-5.2"
    assert contract["model"]["is_fallback"] is True
