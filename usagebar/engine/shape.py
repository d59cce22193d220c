"""A decoded document → a `Template` of piece nodes, read tolerantly.

A broken part costs that part only and is listed in `dropped`: a piece that is no object, or one whose `when`,
`unless`, `map`, `each` or `item`, or `text` without `map` or `each`, is no string; an element of a scale that is no
string; a scale, a table, a label or any other member of a wrong type. `null` in the place of an optional member counts
as absent.

`usagebar.template.document` says the same shape as pydantic models, for the JSON Schema; a property test holds both to
one answer.
"""

from __future__ import annotations

from _collections_abc import Mapping

from usagebar.engine.expression import Path, parse_text
from usagebar.engine.forms import FORMS, GUARDS
from usagebar.engine.pieces import EachPiece, MapPiece, Piece, TextPiece
from usagebar.engine.values import exact
from usagebar.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import Any

    from usagebar.engine.expression import Text
    from usagebar.engine.pieces import Place
    from usagebar.engine.steps import Glyphs

SCALE_KEYS = ("ramps", "series", "scales")  # where they name the same scale the last one wins
STRING_KEYS = (*GUARDS, "map", "each", "item")


class Dropped(Record):
    """A part that could not be used: where it stands, what was expected there and what was found."""

    place: Place
    expected: str
    found: str


class Layout(Record):
    """The pieces of one surface as written, and what joins them."""

    pieces: tuple[Any, ...] = ()
    sep: str = ""
    place: Place = ()


class Template(Record):
    """A template as understood. Pieces are read surface by surface, when they are asked for."""

    scales: dict[str, Glyphs]
    aliases: dict[str, dict[str, str]]
    default: Layout
    surfaces: dict[str, Layout]
    dropped: tuple[Dropped, ...]

    def pieces(self, surface: str | None, verbs: Container[str]) -> tuple[Piece, ...]:
        """Return the nodes of a surface's own entry (None: of the default), without those that are broken."""
        layout = self.default if surface is None else self.surfaces[surface]
        reader = Reader()
        found = (reader.piece(raw, (*layout.place, index), verbs) for index, raw in enumerate(layout.pieces))
        return tuple(piece for piece in found if piece is not None)

    def dropped_parts(self) -> tuple[Dropped, ...]:
        """Return every dropped part, those inside the pieces of all surfaces included."""
        reader = Reader(self.dropped)
        seen = set()
        for layout in (self.default, *self.surfaces.values()):
            if layout.place not in seen:  # surfaces of the legacy shape may share the general pieces
                seen.add(layout.place)
                for index, raw in enumerate(layout.pieces):
                    reader.piece(raw, (*layout.place, index), None)  # their texts need no parsing for it
        return tuple(reader.dropped)


def read(document: Mapping[str, Any]) -> Template:
    """Return the template that a decoded document describes. Never raises on data."""
    reader = Reader()
    scales = reader.scales(document)
    aliases = reader.aliases(document)
    output = reader.member(document, "output", (), "an object", Mapping)
    default, surfaces = reader.legacy(document) if output is None else reader.output(output)
    return Template(scales, aliases, default, surfaces, tuple(reader.dropped))


def kind_of(value: object) -> str:
    """Name the JSON kind of a value with its article: `a number`."""
    kinds = ((bool, "a boolean"), (str, "a string"), ((int, float), "a number"), (Mapping, "an object"))
    if value is None:
        return "null"
    if is_array(value):
        return "an array"
    return next((name for kind, name in kinds if isinstance(value, kind)), type(value).__name__)


def is_array(value: object) -> bool:
    """Tell whether a value is an array: a list or a tuple."""
    return isinstance(value, (list, tuple))


def own_copy(raw: Any) -> Any:
    """Return a copy of a piece as written: it is read when it is needed, and a caller may change his document."""
    if not isinstance(raw, Mapping):
        return raw
    members = raw.items()
    return {key: dict(each) if isinstance(each, Mapping) else own_array(each) for key, each in members}


def own_array(value: Any) -> Any:
    """Return a copy of an array, and anything else as it is."""
    return tuple(value) if is_array(value) else value


def parsed(text: str, verbs: Container[str] | None) -> Text:
    """Return the parts of a text, none if there are no verbs to read it by."""
    return () if verbs is None else parse_text(text, verbs)


class Reader:
    """Reads parts of a document and keeps a list of those it had to drop."""

    def __init__(self, dropped: tuple[Dropped, ...] = ()) -> None:
        self.dropped = list(dropped)

    def drop(self, place: Place, expected: str, found: object) -> None:
        """Note a part that cannot be used."""
        self.dropped.append(Dropped(place, expected, kind_of(found)))

    def member(self, parent: Any, key: str, place: Place, expected: str, kinds: Any) -> Any:
        """Return a member of one of these types; None if it is absent, null or dropped for its type."""
        value = parent.get(key)
        if value is None or isinstance(value, kinds):
            return value
        self.drop((*place, key), expected, value)
        return None

    def text(self, parent: Any, key: str, place: Place, default: str) -> str:
        """Return a string member, `default` where there is none."""
        value = self.member(parent, key, place, "a string", str)
        return default if value is None else exact(value)

    def entries(self, parent: Any, key: str, place: Place, expected: str) -> Iterator[tuple[str, Any]]:
        """Walk the members of an object member that have a string as their key."""
        for name, value in (self.member(parent, key, place, expected, Mapping) or {}).items():
            if isinstance(name, str):
                yield exact(name), value
            else:
                self.drop((*place, key), "strings as keys", name)

    def scales(self, document: Any) -> dict[str, Glyphs]:
        """Return the glyphs of every scale; one of a wrong type hides an older one of its name all the same."""
        merged = {}
        for key in SCALE_KEYS:
            for name, value in self.entries(document, key, (), "an object of scales"):
                merged[name] = (value, (key, name))
        return {name: self.glyphs(value, place) for name, (value, place) in merged.items()}

    def glyphs(self, value: Any, place: Place) -> Glyphs:
        """Return a scale's glyphs: a string's code points, or the strings of an array."""
        if isinstance(value, str):
            return tuple(exact(value))
        if not is_array(value):
            self.drop(place, "a string or an array of strings", value)
            return ()
        return tuple(self.strings(value, place))

    def strings(self, values: Any, place: Place) -> Iterator[str]:
        """Walk the strings of an array and drop what is none."""
        for index, value in enumerate(values):
            if isinstance(value, str):
                yield exact(value)
            else:
                self.drop((*place, index), "a string", value)

    def aliases(self, document: Any) -> dict[str, dict[str, str]]:
        """Return every alias table."""
        tables = dict(self.entries(document, "aliases", (), "an object of alias tables"))
        return {
            name: self.labels(tables, name)
            for name, table in tables.items()
            if self.member(tables, name, ("aliases",), "an object of labels", Mapping) is not None
        }

    def labels(self, tables: dict[str, Any], name: str) -> dict[str, str]:
        """Return the labels of one table."""
        labels = {}
        for key, label in self.entries(tables, name, ("aliases",), "an object of labels"):
            if isinstance(label, str):
                labels[key] = exact(label)
            else:
                self.drop(("aliases", name, key), "a string", label)
        return labels

    def output(self, output: Any) -> tuple[Layout, dict[str, Layout]]:
        """Return the layouts of `output`: the default's and each surface's own."""
        place: Place = ("output",)
        sep = self.text(output, "sep", place, "")
        surfaces = dict(self.entries(output, "surfaces", place, "an object of surfaces"))
        default = self.layout(output, "default", place, sep)
        return default, {name: self.layout(surfaces, name, (*place, "surfaces"), sep) for name in surfaces}

    def layout(self, parent: Any, key: str, place: Place, sep: str) -> Layout:
        """Return the layout of an array of pieces; anything else gives no pieces."""
        pieces = self.member(parent, key, place, "an array of pieces", (list, tuple))
        return Layout(tuple(map(own_copy, pieces or ())), sep, (*place, key))

    def legacy(self, document: Any) -> tuple[Layout, dict[str, Layout]]:
        """Return the layouts of the older shape: `segments` and `sep`, each replaceable for a surface."""
        default = self.layout(document, "segments", (), self.text(document, "sep", (), " "))
        surfaces = dict(self.entries(document, "surfaces", (), "an object of surfaces"))
        layouts = {}
        for name in surfaces:
            entry = self.member(surfaces, name, ("surfaces",), "an object", Mapping) or {}
            place = ("surfaces", name)
            sep = self.text(entry, "sep", place, default.sep)
            own = self.layout(entry, "segments", place, sep)
            shared = Layout(default.pieces, sep, default.place)
            layouts[name] = own if is_array(entry.get("segments")) else shared
        return default, layouts

    def piece(self, raw: Any, place: Place, verbs: Container[str] | None) -> Piece | None:
        """Return a piece's node; None if it is broken. Without `verbs` its texts stay unread."""
        if not isinstance(raw, Mapping):
            self.drop(place, "a piece (an object)", raw)
            return None
        form = next((key for key in FORMS if key in raw), None)
        keys = (*STRING_KEYS, "text") if form == "text" else STRING_KEYS
        wrong = [key for key in keys if key in raw and not isinstance(raw[key], str)]
        for key in wrong:
            self.drop((*place, key), "a string", raw[key])
        if wrong:
            return None
        shared: dict[str, Any] = {key: Path(exact(raw[key])) if key in raw else None for key in GUARDS}
        build = {"map": self.map_piece, "each": self.each_piece, "text": self.text_piece, None: self.no_form}[form]
        return build(raw, shared | {"place": place}, verbs)

    def no_form(self, _raw: Any, shared: Any, _verbs: Container[str] | None) -> Piece:
        """Return a piece that renders nothing."""
        return Piece(**shared)

    def text_piece(self, raw: Any, shared: Any, verbs: Container[str] | None) -> Piece:
        """Return a `text` piece."""
        return TextPiece(**shared, text=parsed(exact(raw["text"]), verbs))

    def map_piece(self, raw: Any, shared: Any, _verbs: Container[str] | None) -> Piece:
        """Return a `map` piece."""
        place = shared["place"]
        cases = []
        for key, text in self.entries(raw, "cases", place, "an object of cases"):
            if not isinstance(text, str):
                self.drop((*place, "cases", key), "a string", text)
            cases.append((key, exact(text) if isinstance(text, str) else None))
        return MapPiece(**shared, map=Path(exact(raw["map"])), cases=tuple(cases))

    def each_piece(self, raw: Any, shared: Any, verbs: Container[str] | None) -> Piece:
        """Return an `each` piece."""
        place = shared["place"]
        names = self.member(raw, "item_scales", place, "an array of scale names", (list, tuple)) or ()
        list(self.strings(names, (*place, "item_scales")))
        prefix = raw.get("text")
        return EachPiece(
            **shared,
            each=Path(exact(raw["each"])),
            item=parsed(exact(raw.get("item", "")), verbs),
            join=self.text(raw, "join", place, " "),
            prefix=exact(prefix) if isinstance(prefix, str) else "",
            item_scales=tuple(exact(name) if isinstance(name, str) else None for name in names),
        )
