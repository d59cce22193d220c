"""Which kind of answer an object is, and what is said of an object that is none."""

from __future__ import annotations

import copy
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import json_scalars, nested

import usagebar
from usagebar import contract as contracts
from usagebar.contract import ContractError, from_response

ANTHROPIC = {"input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 40}
CHAT = {"prompt_tokens": 140, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 40}}
RESPONSES = {"input_tokens": 140, "output_tokens": 10, "input_tokens_details": {"cached_tokens": 40}}
GOOGLE = {"prompt_token_count": 140, "candidates_token_count": 10, "cached_content_token_count": 40}
PYDANTIC_AI = {"input_tokens": 140, "output_tokens": 10, "cache_read_tokens": 40}
LANGCHAIN = {"input_tokens": 140, "output_tokens": 10, "input_token_details": {"cache_read": 40}}
USAGES: dict[str, dict[str, Any]] = {
    "from_anthropic": ANTHROPIC,
    "from_openai_chat": CHAT,
    "from_litellm": CHAT | {"cache_read_input_tokens": 40},
    "from_openai_responses": RESPONSES,
    "from_google_genai": GOOGLE,
    "from_pydantic_ai": PYDANTIC_AI,
    "from_langchain": LANGCHAIN,
}
EACH = pytest.mark.parametrize("name", USAGES)
EXPECTED = {"input_tokens": 100, "output_tokens": 10, "cache_read_tokens": 40}


def counts(contract: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in contract["usage"]["last"].items() if name.endswith("_tokens")}


def reader(name: str) -> Callable[..., dict[str, Any]]:
    found: Callable[..., dict[str, Any]] = getattr(contracts, name)
    return found


class Slotted:
    """An object that keeps its values in slots."""

    __slots__ = ("__dict__values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__values[name]
        except KeyError:
            raise AttributeError(name) from None


WRAPPINGS: dict[str, Callable[[dict[str, Any]], object]] = {
    "dict": dict,
    "OrderedDict": OrderedDict,
    "UserDict": UserDict,
    "mappingproxy": MappingProxyType,
    "namespace": lambda values: SimpleNamespace(**values),
    "attributes": Slotted,
    "class": lambda values: type("Usage", (), values)(),
}


@EACH
@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_a_bare_usage_of_any_make(name: str, wrap: Callable[[dict[str, Any]], object]) -> None:
    usage = USAGES[name]
    wrapped = {key: wrap(value) if isinstance(value, dict) else value for key, value in usage.items()}
    for read in (from_response, reader(name)):
        assert counts(read(wrap(wrapped), prices=False)) == EXPECTED


@EACH
def test_a_usage_in_an_answer_that_was_put_together_by_hand(name: str) -> None:
    answer = {"model": "m", "usage": USAGES[name]}
    for read in (from_response, reader(name)):
        contract = read(answer, prices=False)
        assert counts(contract) == EXPECTED
        assert contract["model"]["id"] == "m"


@pytest.mark.parametrize(
    "name", [name for name in USAGES if name not in ("from_openai_chat", "from_litellm", "from_google_genai")]
)
def test_a_usage_of_input_and_output_alone(name: str) -> None:
    expected = {"input_tokens": 5, "output_tokens": 2}
    for read in (from_response, reader(name)):
        assert counts(read({"input_tokens": 5, "output_tokens": 2}, prices=False)) == expected


OTHERS = [
    (name, other)
    for name in USAGES
    for other, usage in USAGES.items()
    if ("prompt_tokens" in usage) != ("prompt_tokens" in USAGES[name]) and "google" not in other + name
]


@pytest.mark.parametrize(("name", "other"), OTHERS)
def test_an_answer_of_another_kind(name: str, other: str) -> None:
    with pytest.raises(ContractError, match=r"expected an answer or usage object of .*, found dict with the keys "):
        reader(name)(USAGES[other])


WHOLE: dict[str, dict[str, Any]] = {
    "from_anthropic": {"type": "message", "stop_reason": "end_turn", "content": [], "usage": ANTHROPIC},
    "from_openai_chat": {"choices": [], "usage": CHAT},
    "from_openai_responses": {"object": "response", "output": [], "usage": RESPONSES},
    "from_google_genai": {"candidates": [], "usage_metadata": GOOGLE},
    "from_pydantic_ai": {"kind": "response", "parts": [], "model_name": "m", "usage": PYDANTIC_AI},
    "from_langchain": {"type": "ai", "usage_metadata": LANGCHAIN, "response_metadata": {}},
}


@pytest.mark.parametrize("name", USAGES)
@pytest.mark.parametrize("other", WHOLE)
def test_a_whole_answer_of_another_kind(name: str, other: str) -> None:
    if (
        name == other
        or {name, other} == {"from_litellm", "from_openai_chat"}
        or (name, other) == ("from_litellm", "from_openai_responses")
    ):
        assert counts(reader(name)(WHOLE[other], prices=False)) == EXPECTED
    else:
        with pytest.raises(ContractError):
            reader(name)(WHOLE[other])


@pytest.mark.parametrize("name", [name for name in USAGES if name != "from_anthropic"])
def test_a_usage_that_only_another_kind_has(name: str) -> None:
    with pytest.raises(ContractError):
        reader(name)(ANTHROPIC)


def test_relatives() -> None:
    realtime = {
        "total_tokens": 150,
        "input_tokens": 140,
        "output_tokens": 10,
        "input_token_details": {"cached_tokens": 40},
    }
    done = {"type": "response.done", "response": {"object": "realtime.response", "usage": realtime}}
    assert counts(from_response(done, prices=False)) == EXPECTED | {"total_tokens": 150}
    live = {
        "prompt_token_count": 140,
        "response_token_count": 7,
        "thoughts_token_count": 3,
        "cached_content_token_count": 40,
    }
    assert counts(from_response({"usage_metadata": live}, prices=False)) == EXPECTED | {"reasoning_tokens": 3}
    both = CHAT | {"input_tokens": 140, "output_tokens": 10}
    assert counts(from_response({"usage": both}, prices=False)) == EXPECTED
    converse = {"output": {"message": {}}, "usage": {"inputTokens": 5, "outputTokens": 5}}
    with pytest.raises(ContractError):
        from_response(converse)


def test_the_result_of_a_run_of_claude_code() -> None:
    result = {"type": "result", "num_turns": 20, "total_cost_usd": 1.5, "usage": ANTHROPIC}
    contract = from_response(result, max_tokens=200_000)
    assert contract["usage"]["input_tokens"] == 100
    assert "last" not in contract["usage"]
    assert contract["context"] == {"max_tokens": 200_000}
    assert contract["cost"] == {"turn_usd": 1.5, "available": True, "source": "reported"}
    assert from_response(result | {"num_turns": 1}, prices=False)["context"] == {"used_tokens": 140}


def test_messages_of_langchain_as_they_are_serialised() -> None:
    message = WHOLE["from_langchain"]
    human = {"type": "human", "data": {}}
    wrapped = {"type": "ai", "data": {key: value for key, value in message.items() if key != "type"}}
    for answer in (wrapped, {"messages": [message, human, wrapped]}, {"messages": [human, message]}, {"raw": message}):
        assert counts(from_response(answer, prices=False)) == EXPECTED


NO_ANSWERS: list[tuple[object, str]] = [
    (None, "NoneType"),
    (True, "bool"),
    (5, "int"),
    (0.5, "float"),
    ("{}", "str"),
    (b"{}", "bytes"),
    ([], "list"),
    ([{"usage": {}}], "list"),
    ({}, "dict without keys"),
    ({"a": 1, "b\x1b[0m": 2, 3: 4}, "dict with the keys a, b␛[0m, int"),
    ({"x" * 100: 1}, f"dict with the keys {'x' * 40}"),
    ({f"k{i}": i for i in range(20)}, "dict with the keys " + ", ".join(f"k{i}" for i in range(12)) + " and 8 more"),
    ({"usage": None}, "dict with the keys usage"),
    ({"usage": {}}, "dict with the keys usage"),
    (SimpleNamespace(a=1, b=2), "SimpleNamespace with the attributes a, b"),
    (UserDict({"a": 1}), "UserDict with the keys a"),
    (object(), "object without attributes"),
    (ContractError, None),  # type: ignore[list-item]
    (len, None),  # type: ignore[list-item]
    (iter(()), None),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("obj", "found"), NO_ANSWERS, ids=[str(found)[:40] for _, found in NO_ANSWERS])
def test_an_object_that_is_no_answer(obj: object, found: str | None) -> None:
    for read in [from_response, *map(reader, USAGES)]:
        with pytest.raises(ContractError) as raised:
            read(obj)
        message = str(raised.value)
        assert message.startswith("expected an answer or usage object of ")
        assert message.isprintable()
        if found is not None:
            assert message.endswith(f", found {found}")


def test_what_is_expected_is_named() -> None:
    with pytest.raises(ContractError) as raised:
        from_response(None)
    for title in (
        "Anthropic Messages",
        "Chat Completions",
        "Responses",
        "Google",
        "LiteLLM",
        "pydantic-ai",
        "LangChain",
    ):
        assert title in str(raised.value)


# ---------------------------------------------------------------- objects that raise


class Raises:
    """Raises at every attribute."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class RaisesInUsage:
    """Has a usage that cannot be read."""

    type = "message"
    model = "m"

    @property
    def usage(self) -> Any:
        raise ZeroDivisionError


class RaisingMapping(UserDict[str, Any]):
    """Raises at every key."""

    def get(self, key: str, default: Any = None) -> Any:
        raise OSError(key)


class RaisingKeys(UserDict[str, Any]):
    """Has keys that cannot be walked."""

    def __iter__(self) -> Iterator[Any]:
        raise OSError


@dataclass
class Run:
    """Has messages that cannot be had."""

    output: str = ""
    usage: Any = None

    def new_messages(self) -> list[Any]:
        raise RuntimeError


def test_objects_whose_attributes_raise() -> None:
    for obj, kind in (
        (Raises(), "RuntimeError"),
        (RaisesInUsage(), "ZeroDivisionError"),
        (RaisingMapping(), "OSError"),
    ):
        for read in [from_response, *map(reader, USAGES)]:
            with pytest.raises(ContractError) as raised:
                read(obj)
            # A reader of another kind need not come upon what raises.
            assert kind in str(raised.value) or str(raised.value).endswith("with the attributes model, type, usage")
            assert read is not from_response or raised.value.__cause__ is not None
    with pytest.raises(ContractError, match="found RaisingKeys without keys"):
        from_response(RaisingKeys())


def test_an_inner_object_whose_attributes_raise() -> None:
    with pytest.raises(ContractError, match="RuntimeError"):
        from_response({"type": "message", "usage": Raises()})
    with pytest.raises(ContractError, match="RuntimeError"):
        from_response({"choices": [], "usage": CHAT | {"prompt_tokens_details": Raises()}})


class RaisingList(list[Any]):
    """A list that cannot be walked."""

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError


class Proxy:
    """Stands for nothing, as a proxy that is bound to no context."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError

    @__class__.setter
    def __class__(self, kind: Any) -> None:
        raise RuntimeError


def test_values_that_raise() -> None:
    hostile: list[Any] = [
        {"type": "message", "usage": ANTHROPIC | {"iterations": RaisingList([1])}},
        {"type": "message", "usage": ANTHROPIC | {"input_tokens": Proxy()}},
        {"type": "message", "model": Proxy(), "usage": ANTHROPIC},
        {"choices": [], "usage": CHAT | {"cost": RaisingMapping()}},
        {"candidates": [], "usage_metadata": GOOGLE | {"traffic_type": Proxy()}},
        {"type": "ai", "usage_metadata": LANGCHAIN | {"input_token_details": Raises()}},
    ]
    for payload in hostile:
        with pytest.raises(ContractError, match=r"RuntimeError|OSError"):
            from_response(payload, prices=False)


def test_a_class_without_a_module_is_no_answer() -> None:
    for module in (None, 5):
        with pytest.raises(ContractError):
            from_response(type("Odd", (), {"__module__": module})())


def test_a_model_that_was_made_without_its_constructor() -> None:
    completion = pytest.importorskip("openai.types.chat").ChatCompletion
    with pytest.raises(ContractError):
        from_response(completion.__new__(completion))


def test_what_is_read_is_not_changed() -> None:
    for answer in WHOLE.values():
        before = copy.deepcopy(answer)
        contract = from_response(answer, identity={"name": "n"}, limits=[{"label": "5h"}], prices=False)
        contract["usage"].clear()
        contract["identity"].clear()
        assert answer == before
        assert counts(from_response(answer, prices=False)) == EXPECTED


def test_a_mock_has_no_counts() -> None:
    contract = from_response(Mock(), prices=False)
    assert contract["usage"]["has_tokens"] is False
    assert usagebar.UsageContract.model_validate(contract)


# ---------------------------------------------------------------- junk in every place

PAYLOADS: list[Any] = [
    {
        "type": "message",
        "model": "m",
        "usage": ANTHROPIC | {"cache_creation": {"ephemeral_1h_input_tokens": 1}, "iterations": []},
    },
    {"choices": [], "model": "m", "usage": CHAT | {"completion_tokens_details": {"reasoning_tokens": 1}, "cost": 1}},
    {"output": [], "object": "response", "reasoning": {"effort": "x"}, "usage": RESPONSES},
    {"modelVersion": "m", "candidates": [], "usageMetadata": {"promptTokenCount": 1, "trafficType": "x"}},
    {"kind": "response", "parts": [], "model_name": "m", "usage": PYDANTIC_AI | {"details": {}, "requests": 1}},
    {"type": "ai", "usage_metadata": LANGCHAIN, "response_metadata": {"model": "m"}},
    {"messages": [{"type": "human"}, {"type": "ai", "usage_metadata": LANGCHAIN}]},
    {"type": "response.completed", "response": {"output": [], "usage": RESPONSES}},
    {"type": "message_start", "message": {"usage": ANTHROPIC}},
    {"generations": [[{"message": {"usage_metadata": LANGCHAIN}}]]},
    {
        "model": {"id": "m"},
        "context_window": {"current_usage": ANTHROPIC},
        "rate_limits": {"five_hour": {"resets_at": 1}},
    },
]
NUMBERS = [float("nan"), float("inf"), -1, 0.5, 10**30, 10**400, True, "12", b"", object()]
JUNK = st.one_of(nested(json_scalars), st.sampled_from(NUMBERS))


@st.composite
def with_junk(draw: st.DrawFn) -> Any:
    """Draw a payload with anything in one of its places."""

    def spoil(value: Any, depth: int) -> Any:
        if depth == 0 or not isinstance(value, dict | list) or not value:
            return draw(JUNK)
        at = draw(st.sampled_from(list(value) if isinstance(value, dict) else range(len(value))))
        spoilt: Any = value.copy()
        spoilt[at] = spoil(value[at], depth - 1)
        return spoilt

    return spoil(draw(st.sampled_from(PAYLOADS)), draw(st.integers(0, 4)))


@given(with_junk())
def test_junk_gives_a_contract_or_a_contract_error(payload: Any) -> None:
    for read in [*map(reader, ["from_response", "from_claude_code", *USAGES])]:
        try:
            found = read(payload, prices=False)
        except ContractError:
            continue
        usagebar.UsageContract.model_validate(found)
