"""Telegram's texts, read by TDLib, which is what the Bot API itself runs on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import tdjson

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

ENTITIES = {  # the Bot API's names of what TDLib calls textEntityType…
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "blockquote": "BlockQuote",
    "expandable_blockquote": "ExpandableBlockQuote",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
}
NAMES = {f"textEntityType{kind}": name for name, kind in ENTITIES.items()} | {"textEntityTypePreCode": "pre"}
PARSE_MODES: Mapping[str, dict[str, Any]] = {
    "html": {"@type": "textParseModeHTML"},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
}
BLANK = " \n"
SHORT = re.compile("[^\\s\U00010000-\U0010ffff]+")  # one unit each
LONG = re.compile("[\U00010000-\U0010ffff]")  # two units each
UNSEEN = "\u1680\u180e\u200b\u202f\u205f\u2800\u3000\ufffc"  # a text of these alone is empty

Entity: TypeAlias = dict[str, Any]
Parameters: TypeAlias = dict[str, Any]


class BadRequestError(Exception):
    """What Telegram answers instead of doing it."""

    def __init__(self, description: str, code: int = 400, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        more = {"parameters": parameters} if parameters else {}
        self.answer = {"ok": False, "error_code": code, "description": description, **more}


def td(kind: str, **members: Any) -> dict[str, Any]:
    """Return TDLib's answer to a request that it answers at once."""
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps({"@type": kind, **members}).encode()) or b"{}")
    if answer["@type"] == "error":
        message = str(answer["message"])
        raise BadRequestError(f"Bad Request: {message[:1].lower()}{message[1:]}")
    return answer


td("setLogVerbosityLevel", new_verbosity_level=0)


def read(parameters: Parameters, member: str, entities_member: str) -> tuple[str, list[Entity]]:
    """Return the text of a message as it is shown, and its entities."""
    text = parameters.get(member, "")
    mode = parameters.get("parse_mode")
    found = _parsed(text, mode) if mode else _given(text, parameters.get(entities_member, []))
    clean, entities = _cleaned(found["text"], found["entities"])
    clean, entities = _trimmed(clean, _fixed(clean, entities))
    is_text = member == "text"
    if is_text and not clean.strip(BLANK + UNSEEN):
        raise BadRequestError("Bad Request: message text is empty")
    if units(clean) > (TEXT_LIMIT if is_text else CAPTION_LIMIT):
        raise BadRequestError(f"Bad Request: message {'' if is_text else 'caption '}is too long")
    return clean, [_as_bot_api(entity) for entity in entities]


def read_whole(text: str, mode: str | None) -> tuple[str, list[Entity]]:
    """Return a text as it would be shown if there were no limits, and its entities."""
    found = _parsed(text, mode) if mode else _formatted(text, [])
    return found["text"], [_as_bot_api(entity) for entity in found["entities"]]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _parsed(text: str, mode: str) -> dict[str, Any]:
    if mode.lower() not in PARSE_MODES:
        raise BadRequestError("Bad Request: unsupported parse_mode")
    return td("parseTextEntities", text=text, parse_mode=PARSE_MODES[mode.lower()])


def _given(text: str, entities: list[Entity]) -> dict[str, Any]:
    found = _formatted(text, [_as_tdlib(entity) for entity in entities])
    td("getMarkdownText", text=found)  # it checks the entities first
    return found


def _formatted(text: str, entities: list[Entity]) -> dict[str, Any]:
    return {"@type": "formattedText", "text": text, "entities": entities}


def _as_tdlib(entity: Entity) -> Entity:
    if entity["type"] not in ENTITIES:
        raise BadRequestError("Bad Request: can't parse MessageEntity: Unsupported type specified")
    name = "PreCode" if "language" in entity else ENTITIES[entity["type"]]
    more = {name: value for name, value in entity.items() if name in ("language", "url", "custom_emoji_id")}
    kind = {"@type": f"textEntityType{name}", **more}
    return {"@type": "textEntity", "offset": entity["offset"], "length": entity["length"], "type": kind}


def _as_bot_api(entity: Entity) -> Entity:
    kind = dict(entity["type"])
    place = {"offset": entity["offset"], "length": entity["length"]}
    return {"type": NAMES[kind.pop("@type")], **place, **kind}


def _cleaned(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Return a text without what Telegram takes out of any text, its entities where they are then."""
    if units(text) > 2 * TEXT_LIMIT:  # far too long in any case; TDLib would cut it
        return text, entities
    shown = clean(text)
    if shown == text:
        return text, entities
    encoded = text.encode("utf-16-le")

    def moved(offset: int) -> int:
        return units(clean(encoded[: 2 * offset].decode("utf-16-le")))

    spans = [(moved(each["offset"]), moved(each["offset"] + each["length"])) for each in entities]
    return shown, _placed(entities, spans)


def clean(text: str) -> str:
    shown = td("getMarkdownText", text=_formatted("-" + text, []))["text"]  # of white space alone nothing would be left
    return str(shown).removeprefix("-")


def _fixed(text: str, entities: list[Entity]) -> list[Entity]:
    """Return entities as TDLib counts them: merged where they touch, in order."""
    if not entities:
        return []
    masked = LONG.sub("🌑", SHORT.sub(lambda run: "a" * len(run[0]), text))  # nothing in it is markup
    found: list[Entity] = td("parseMarkdown", text=_formatted(masked, entities))["entities"]
    return found


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Return a text without blanks at its ends; at its start none is taken from an entity."""
    text = text.rstrip(BLANK)
    leading = len(text) - len(text.lstrip(BLANK))
    first = min([leading, *[entity["offset"] for entity in entities]])
    text = text[first:]
    spans = [(each["offset"] - first, each["offset"] + each["length"] - first) for each in entities]
    return text, _placed(entities, [(start, min(end, units(text))) for start, end in spans])


def _placed(entities: list[Entity], spans: list[tuple[int, int]]) -> list[Entity]:
    return [
        {**entity, "offset": start, "length": end - start}
        for entity, (start, end) in zip(entities, spans, strict=True)
        if end > start
    ]
