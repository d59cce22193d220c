"""The SDKs' own clients against a server on the loopback: the figures of its answers, plain and streamed."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import loopback
import pytest

from usagebar.contract import Turn, from_response

pytestmark = [
    # Of connections that the libraries keep open beyond a call.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    # LiteLLM's own, when it is imported and when it builds its answers.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm"),
    pytest.mark.filterwarnings("ignore:Item .* on TypedDict class .* is using the `ReadOnly`:UserWarning"),
]
MESSAGES: Any = [{"role": "user", "content": "Do the tests pass?"}]
CLAUDE, GPT, GEMINI = "claude-opus-4-8", "gpt-5.2", "gemini-2.5-flash"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with loopback.serving() as url:
        yield url
    # Clients that their libraries keep open: what they leave behind is told here, not in a later test.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(autouse=True)
def environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every SDK find the server the way it finds its own, and no proxy, tracer or price list on the way."""
    for name, value in loopback.environment(url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("GOOGLE_API_KEY", "ANTHROPIC_AUTH_TOKEN", "LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.delenv(name, raising=False)


def expected(name: str, **changed: Any) -> dict[str, Any]:
    """Return a stored payload's usage, changed where the library in between tells it otherwise; None: not at all."""
    usage: dict[str, Any] = json.loads((loopback.PAYLOADS / f"{name}.json").read_text("utf-8"))["contract"]["usage"]
    for field, value in changed.items():
        for counts in (usage, usage["last"]):
            counts[field] = value
            if value is None:
                del counts[field]
    return usage


def check(answer: object, usage: dict[str, Any], model: str | None, provider: str | None) -> None:
    contract = from_response(answer, prices=False)
    assert contract["usage"] == usage
    assert contract["model"].get("id") == model
    assert contract["model"].get("provider") == provider


# ---------------------------------------------------------------- Anthropic


def test_anthropic() -> None:
    anthropic = pytest.importorskip("anthropic")
    with anthropic.Anthropic() as client:
        message = client.messages.create(model=CLAUDE, max_tokens=100, messages=MESSAGES)
    check(message, expected("anthropic/cached"), CLAUDE, "anthropic")
    check(message.usage, expected("anthropic/cached"), None, None)


def test_anthropic_stream_helper() -> None:
    anthropic = pytest.importorskip("anthropic")
    with (
        anthropic.Anthropic() as client,
        client.messages.stream(model=CLAUDE, max_tokens=100, messages=MESSAGES) as stream,
    ):
        events = list(stream)
        message = stream.get_final_message()
    check(message, expected("anthropic/cached"), CLAUDE, "anthropic")
    assert events[-1].type == "message_stop"
    check(events[-1], expected("anthropic/cached"), CLAUDE, "anthropic")


def test_anthropic_events() -> None:
    anthropic = pytest.importorskip("anthropic")
    turn = Turn(prices=False)
    with anthropic.Anthropic() as client:
        for event in client.messages.create(model=CLAUDE, max_tokens=100, messages=MESSAGES, stream=True):
            if event.type in ("message_start", "message_delta"):
                turn.add(event)
    assert turn.contract()["usage"] == expected("anthropic/cached")
    assert turn.contract()["model"]["id"] == CLAUDE


# ---------------------------------------------------------------- OpenAI


def test_openai_chat() -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI() as client:
        check(
            client.chat.completions.create(model=GPT, messages=MESSAGES), expected("openai_chat/cached"), GPT, "openai"
        )


def test_openai_chat_stream() -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI() as client:
        chunks = list(
            client.chat.completions.create(
                model=GPT, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
            )
        )
    check(chunks[-1], expected("openai_chat/cached"), GPT, "openai")
    assert from_response(chunks[0], prices=False)["usage"]["has_tokens"] is False


def test_openai_chat_stream_helper() -> None:
    openai = pytest.importorskip("openai")
    with (
        openai.OpenAI() as client,
        client.chat.completions.stream(model=GPT, messages=MESSAGES, stream_options={"include_usage": True}) as stream,
    ):
        stream.until_done()
        check(stream.get_final_completion(), expected("openai_chat/cached"), GPT, "openai")


def test_openai_responses() -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI() as client:
        response = client.responses.create(model=GPT, input="Do the tests pass?")
    check(response, expected("openai_responses/reasoning"), GPT, "openai")
    assert from_response(response, prices=False)["model"]["reasoning"] == "high"


def test_openai_responses_stream() -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI() as client:
        events = list(client.responses.create(model=GPT, input="Do the tests pass?", stream=True))
    assert events[-1].type == "response.completed"
    check(events[-1], expected("openai_responses/reasoning"), GPT, "openai")
    assert from_response(events[0], prices=False)["usage"]["has_tokens"] is False


def test_openai_responses_stream_helper() -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI() as client, client.responses.stream(model=GPT, input="Do the tests pass?") as stream:
        events = list(stream)
        check(events[-1], expected("openai_responses/reasoning"), GPT, "openai")
        check(stream.get_final_response(), expected("openai_responses/reasoning"), GPT, "openai")


# ---------------------------------------------------------------- Google


def test_google(url: str) -> None:
    genai = pytest.importorskip("google.genai")
    client = genai.Client(http_options={"base_url": url})
    check(client.models.generate_content(model=GEMINI, contents="?"), expected("google_genai/rest"), GEMINI, "google")


def test_google_stream() -> None:
    genai = pytest.importorskip("google.genai")
    client = genai.Client()  # kept: one that nobody holds closes itself
    chunks = list(client.models.generate_content_stream(model=GEMINI, contents="?"))
    check(chunks[-1], expected("google_genai/rest"), GEMINI, "google")
    assert "output_tokens" not in from_response(chunks[0], prices=False)["usage"]


# ---------------------------------------------------------------- LiteLLM


@pytest.mark.parametrize(
    ("name", "case", "base"),
    [(f"anthropic/{CLAUDE}", "anthropic/cached", ""), (f"openai/{GPT}", "openai_chat/cached", "/v1")],
)
@pytest.mark.parametrize("stream", [False, True])
def test_litellm(url: str, name: str, case: str, base: str, stream: bool) -> None:
    litellm = pytest.importorskip("litellm")
    wanted: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    answer = litellm.completion(model=name, messages=MESSAGES, api_base=f"{url}{base}", **wanted)
    final = list(answer)[-1] if stream else answer
    usage = from_response(final, prices=False)["usage"]
    counts = {field: value for field, value in expected(case)["last"].items() if field != "reasoning_tokens"}
    assert {field: usage[field] for field in counts} == counts
    assert counts.items() <= usage["last"].items()


@pytest.mark.parametrize("stream", [False, True])
def test_what_litellm_works_out_is_no_report(url: str, stream: bool) -> None:
    litellm = pytest.importorskip("litellm")
    wanted: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    answer = litellm.completion(model=f"anthropic/{CLAUDE}", messages=MESSAGES, api_base=url, **wanted)
    final = list(answer)[-1] if stream else answer
    assert from_response(final, prices=False)["cost"] == {"available": False}
    assert from_response(final, auth_mode="oauth")["cost"] == {"available": False}


# ---------------------------------------------------------------- pydantic-ai


def agent(name: str) -> Any:
    from pydantic_ai import Agent

    return Agent(name)


def test_pydantic_ai_with_anthropic() -> None:
    pytest.importorskip("pydantic_ai")
    result = agent(f"anthropic:{CLAUDE}").run_sync("Do the tests pass?")
    check(result, expected("anthropic/cached"), CLAUDE, "anthropic")
    check(result.response, expected("anthropic/cached"), CLAUDE, "anthropic")
    check(result.usage, expected("anthropic/cached"), None, None)


def test_pydantic_ai_with_openai() -> None:
    pytest.importorskip("pydantic_ai")
    result = agent(f"openai-chat:{GPT}").run_sync("Do the tests pass?")
    # Its zeros say nothing, and it has no total but its own sum.
    usage = expected("openai_chat/cached", total_tokens=None, reasoning_tokens=None)
    check(result, usage, GPT, "openai")


def test_pydantic_ai_stream() -> None:
    pytest.importorskip("pydantic_ai")
    result = agent(f"anthropic:{CLAUDE}").run_stream_sync("Do the tests pass?")
    assert result.get_output() == "The tests pass now."
    check(result, expected("anthropic/cached"), CLAUDE, "anthropic")


def test_pydantic_ai_loop() -> None:
    pytest.importorskip("pydantic_ai")
    looping = agent(f"anthropic:{CLAUDE}")

    def run_tests() -> str:
        return "12 passed"

    looping.tool_plain(run_tests)

    contract = from_response(looping.run_sync("Do the tests pass?"), prices=False, max_tokens=200_000)
    # 300 + 1200 of input, 0 + 40000 read, 40000 + 800 written, 60 + 340 of output; the window is the second call's.
    assert (
        contract["usage"].items()
        >= {
            "input_tokens": 1500,
            "cache_read_tokens": 40000,
            "cache_write_tokens": 40800,
            "output_tokens": 400,
        }.items()
    )
    assert contract["usage"]["last"] == expected("anthropic/cached")["last"]
    assert contract["context"] == {"max_tokens": 200_000, "used_tokens": 42_000, "pct_used": 21}


# ---------------------------------------------------------------- LangChain


def summed(chunks: Iterator[Any]) -> Any:
    total = next(chunks)
    for chunk in chunks:
        total += chunk
    return total


def claude() -> Any:
    return pytest.importorskip("langchain_anthropic").ChatAnthropic(model=CLAUDE, max_tokens=100)


def gpt() -> Any:
    return pytest.importorskip("langchain_openai").ChatOpenAI(model=GPT, stream_usage=True)


def gpt_responses() -> Any:
    return pytest.importorskip("langchain_openai").ChatOpenAI(model=GPT, use_responses_api=True)


def gemini() -> Any:
    return pytest.importorskip("langchain_google_genai").ChatGoogleGenerativeAI(model=GEMINI)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("chat", "case", "changed", "provider"),
    [
        (claude, "anthropic/cached", {"total_tokens": 42340}, "anthropic"),
        (gpt, "openai_chat/cached", {}, "openai"),
        (gpt_responses, "openai_responses/reasoning", {}, "openai"),
        (gemini, "google_genai/rest", {}, "google_genai"),
    ],
)
def test_langchain(chat: Callable[[], Any], case: str, changed: dict[str, Any], provider: str, stream: bool) -> None:
    model = chat()
    answer = summed(model.stream("Do the tests pass?")) if stream else model.invoke("Do the tests pass?")
    check(answer, expected(case, **changed), from_response(answer, prices=False)["model"]["id"], provider)
    assert from_response(answer, prices=False)["model"]["id"] in (CLAUDE, GPT, GEMINI)
