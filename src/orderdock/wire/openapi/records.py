"""Schemas of the records that callers send: an object a record, its names from the registry (contract 1.9, 1.17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from orderdock.accounts.model import grant_of, may_send
from orderdock.fields import FIELDS, Field, In, Name, read_at
from orderdock.kinds import EXTRA, Json, Kind, Text
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.values import ref, sent

IGNORED: Final = "Other members are ignored for this key, with the warning `FieldIgnored`."
KEPT: Final = "Other members are kept as additional fields, under their exact names."
# An account in a request is judged by itself, and lines have a schema of their own.
_ACCOUNT, _LINES = "order.account", "lines"


@dataclass(frozen=True)
class Rules:
    """What a key must and may send in an operation; `grant` None: everything."""

    mandatory: tuple[Field, ...]
    grant: frozenset[str] | None

    def of(self, *places: In) -> list[Field]:
        """The mandatory fields that are written at these places."""
        return [row for row in self.mandatory if any(place in row.ins for place in places)]

    def may_send(self, place: In, word: str, bag: str) -> bool:
        """Whether a name is read at a place, or else ignored."""
        return self.grant is None or may_send(self.grant, place, word, bag)


def rules_of(profile: Profile, operation: str, always: Iterable[str] = ()) -> Rules:
    """The rules of a key in an operation; `always` are fields that it may send whatever it is allowed."""
    wanted = profile.wanted(operation)
    grant = None if profile.allowed is None else grant_of(profile.allowed, wanted) | frozenset(always)
    return Rules(tuple(FIELDS[name] for name in wanted if name in FIELDS), grant)


def given(words: Sequence[str], empty: str = "Empty") -> Json:
    """What demands that one of several names is given."""
    each = [{"required": [word], "properties": {word: {"not": ref(empty)}}} for word in words]
    return each[0] if len(each) == 1 else {"anyOf": each}


def names_at(place: In) -> dict[str, tuple[Field, Name, str]]:
    """Every name at a place -> its field, its row, and the name that wins when both are given ("": none)."""
    found = {}
    for word, rows in read_at(place).items():
        # A name that feeds a customer's field and the order's own copy means the customer's.
        row, name = next((pair for pair in rows if not pair[0].name.startswith("order.contact_")), rows[0])
        alike = [other.word for other in row.ins[place] if other.part == name.part]
        found[word] = (row, name, "" if alike[0] == word or row.kind is EXTRA else alike[0])
    return found


def _widest(place: In, word: str) -> Kind | None:
    """Of a name that feeds texts of several lengths, the longest counts."""
    kinds = [row.kind for row, _ in read_at(place)[word]]
    texts = [kind for kind in kinds if isinstance(kind, Text)]
    return max(texts, key=lambda kind: kind.limit) if len(texts) == len(kinds) else None


def members(place: In, rules: Rules, bag: str) -> dict[str, Json]:
    """The schema of every name that is read at a place, but for that of lines."""
    found: dict[str, Json] = {}
    for word, (row, name, better) in names_at(place).items():
        if row.name == _LINES or not rules.may_send(place, word, bag):
            continue
        if row.name == _ACCOUNT:
            found[word] = ref("Account")
        elif better:
            about = f"Another name of `{better}`, which wins when both are given."
            found[word] = {"description": about, "examples": sent(row, name)["examples"]}
        else:
            found[word] = sent(row, name, _widest(place, word))
    return found


def record(place: In, rules: Rules, bag: str, about: str, needed: Sequence[Json] = ()) -> Json:
    """The object that is written at a place; what `rules` make mandatory is required, in any of its names."""
    properties = members(place, rules, bag)
    required: list[str] = []
    others = [dict(one) for one in needed]
    for row in rules.of(place):
        words = [name.word for name in row.ins[place]]
        if row.kind is EXTRA:
            others.append({"anyOf": [{"required": [words[0]]}, _some_unknown(place)]})
        elif row.name == _LINES or len(words) > 1:
            others += [given(words)] if row.name != _LINES else []
        else:
            required.append(words[0])
            properties[words[0]] = {**properties[words[0]], "not": ref("Empty")}
    kept = rules.grant is None or bag in rules.grant
    schema: Json = {"type": "object", "description": f"{about} {KEPT if kept else IGNORED}", "properties": properties}
    if required:
        schema["required"] = required
    if others:
        schema["allOf"] = others
    return schema


def _some_unknown(place: In) -> Json:
    """At least one member that is no name of the registry."""
    return {"not": {"propertyNames": {"enum": list(read_at(place))}}}


def line(place: In, rules: Rules, name: str) -> dict[str, Json]:
    """The schemas of a line: `name`, and what is a line of empty members only, which is none (contract 1.9.6)."""
    bag = "line.additional"
    made = record(place, Rules((), rules.grant), bag, "A line of an order.")
    blank = {word: ref("Empty") if rules.may_send(place, word, bag) else True for word in read_at(place)}
    kept = rules.grant is None or not rules.grant.isdisjoint((bag,))
    wanted = [given([name.word for name in row.ins[place]]) for row in rules.of(place) if row.kind is not EXTRA]
    if wanted:
        made["anyOf"] = [ref(f"Blank{name}"), wanted[0] if len(wanted) == 1 else {"allOf": wanted}]
    empty: Json = {
        "type": "object",
        "description": "A line of empty members only, which is passed over.",
        "properties": blank if rules.grant is not None else {},
        "additionalProperties": ref("Empty") if kept else True,
    }
    return {name: made, f"Blank{name}": empty}


def lines(name: str, *, needed: bool) -> Json:
    """The full list of lines: an array, or one bare object; `needed`: at least one that is not blank."""
    each = {"anyOf": [ref(name), ref("Empty")]}
    about = {"description": FIELDS["lines"].help, "examples": [FIELDS["lines"].example]}
    if not needed:
        return {**about, "anyOf": [{"type": "array", "items": each}, ref(name), ref("Empty")]}
    real = {"type": "object", "not": ref(f"Blank{name}")}
    bare = {"allOf": [ref(name), {"not": ref(f"Blank{name}")}]}
    return {**about, "anyOf": [{"type": "array", "items": each, "minItems": 1, "contains": real}, bare]}


def many(name: str, *, most: int, needed: bool = False) -> Json:
    """A list of objects, or one bare object."""
    array: Json = {"type": "array", "maxItems": most, "items": {"anyOf": [ref(name), ref("Empty")]}}
    if needed:
        return {"anyOf": [{**array, "contains": {"type": "object"}}, ref(name)]}
    return {"anyOf": [array, ref(name), ref("Empty")]}


def one(name: str, *, needed: bool = False) -> Json:
    """An object, or an array of one (contract 1.5)."""
    if needed:
        return {"anyOf": [ref(name), {"type": "array", "minItems": 1, "maxItems": 1, "items": ref(name)}]}
    each = {"anyOf": [ref(name), ref("Empty")]}
    return {"anyOf": [ref(name), {"type": "array", "maxItems": 1, "items": each}, ref("Empty")]}
