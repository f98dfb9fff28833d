"""The pieces that searches of every feature are made of: conditions for both engines, with their parameters.

An expression is a pair (SQLite, PostgreSQL).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

Pair = tuple[str, str]


def both(text: str) -> Pair:
    """The same on both engines."""
    return text, text


NONE: Final = both("1 = 0")


class Where:
    """The conditions of a search, and the values of their parameters."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []
        self.values: dict[str, Any] = {}

    def bind(self, value: Any) -> str:
        """The parameter that stands for a value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def text(self) -> Pair:
        """All of them, each behind AND."""
        return "".join(f" AND {pair[0]}" for pair in self.pairs), "".join(f" AND {pair[1]}" for pair in self.pairs)


def filled(template: str | Pair, which: Pair, **words: str) -> Pair:
    """A template with a condition as its `{which}`, and words in its other places."""
    mine, theirs = both(template) if isinstance(template, str) else template
    return mine.format(which=which[0], **words), theirs.format(which=which[1], **words)


def either(pairs: Sequence[Pair]) -> Pair:
    """One of some conditions holds."""
    if len(pairs) == 1:
        return pairs[0]
    return f"({' OR '.join(pair[0] for pair in pairs)})", f"({' OR '.join(pair[1] for pair in pairs)})"


def among(where: Where, value: Pair, entries: Sequence[Any], kind: str) -> Pair:
    """A value is one of some: a single one is compared, so that the database knows how rare it is."""
    if not entries:
        return NONE
    if len(entries) == 1:
        name = where.bind(entries[0])
        return f"{value[0]} = {name}", f"{value[1]} = {name}"
    name = where.bind(json.dumps(entries, ensure_ascii=False))
    cast = "::bigint" if kind == "bigint" else ""
    return (
        f"{value[0]} IN (SELECT j.value FROM json_each({name}) AS j)",
        f"{value[1]} = ANY(ARRAY(SELECT json_array_elements_text({name}::json){cast}))",
    )


def contains(where: Where, value: str, part: str) -> Pair:
    """A text holds another."""
    name = where.bind(part)
    return f"instr({value}, {name}) > 0", f"strpos({value}, {name}::text) > 0"


def ends(value: str, name: str) -> Pair:
    """A text ends with the text of a parameter."""
    return f"substr({value}, -length({name})) = {name}", f"right({value}, length({name}::text)) = {name}::text"


def folded(alias: str, column: str) -> Pair:
    """The compared form of a word: what is kept beside it, else the word itself."""
    word = f'{alias}."{column}"'
    return (
        f"COALESCE({alias}.words_key ->> '{column}', {word})",
        f"COALESCE({alias}.words_key::json ->> '{column}', {word})",
    )
