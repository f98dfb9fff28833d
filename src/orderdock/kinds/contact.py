"""Phones and e-mails: printed as sent, matched by what their spellings have in common (contract 1.6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import phonenumbers

from orderdock.kinds.base import Locale, Note
from orderdock.kinds.text import Text


def load_phone_plans() -> None:
    """Load the plans of all countries, which else are loaded when first met: by then a file may not open any more."""
    phonenumbers.PhoneMetadata.load_all()


class _Plan(NamedTuple):
    """What the library knows of a country: its calling code, how its numbers look, how long they may be."""

    code: str
    looks: Callable[[str], object]
    lengths: frozenset[int]


@lru_cache(maxsize=512)
def _plan_of(country: str) -> _Plan | None:
    """A plan that tells numbers which are written whole, without any prefix; None when the library has none."""
    known: Any = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    if known is None:
        return None
    prefixes = [known.international_prefix, known.national_prefix_for_parsing]
    ahead = "".join(f"(?!{prefix})" for prefix in prefixes if prefix)
    looks = re.compile(f"(?!0){ahead}(?:{known.general_desc.national_number_pattern})", re.ASCII).fullmatch
    main: Any = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(
        known.country_code, phonenumbers.region_code_for_country_code(known.country_code)
    )
    return _Plan(f"+{known.country_code}", looks, frozenset(main.general_desc.possible_length))


def _phone_key(text: str, country: str) -> tuple[str | None, str | None]:
    """(what the number is matched by or None, the warning code or None)."""
    plan = _plan_of(country)
    # Parsing takes 50 us; of a number in its country's own plain form it would make just this.
    if plan is not None and plan.looks(text) and len(text) in plan.lengths and text.strip(text[0]):
        return plan.code + text, None
    return _parsed_key(text, country)


@lru_cache(maxsize=65_536)
def _parsed_key(text: str, country: str) -> tuple[str | None, str | None]:
    digits = "".join(mark for mark in text if mark.isdigit())
    if digits and len(set(digits)) == 1:
        return None, "ContactPlaceholder"
    by_digits = (digits if len(digits) >= 7 else None), "PhoneNotNormalised"
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return by_digits
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return by_digits
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), None


def region_of(code: str) -> str | None:
    """The country that `91`, `+91` or `IN` means; None when it is none."""
    word = code.strip().upper().removeprefix("+")
    if word in phonenumbers.SUPPORTED_REGIONS:
        return word
    if not (word.isascii() and word.isdigit() and len(word) < 4):
        return None
    region = phonenumbers.region_code_for_country_code(int(word))
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


_PHONE_NOTES: Final = {
    "ContactPlaceholder": "a placeholder: kept, but not used to find a customer",
    "PhoneNotNormalised": "not a possible phone number; kept by its digits",
}


@dataclass(frozen=True)
class Phone(Text):
    """A phone number, printed as sent, matched by its E.164 form or, failing that, by its digits."""

    limit: int = 200
    label: str = "phone"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> str | None:
        text = super().read(raw, locale, notes)
        if text is not None:
            code = self._judge(text, locale)[1]
            if code:
                notes.append((code, _PHONE_NOTES[code]))
        return text

    def _judge(self, text: str, locale: Locale) -> tuple[str | None, str | None]:
        key, code = _phone_key(text, locale.country)
        if locale.placeholders and (key in locale.placeholders or text in locale.placeholders):
            return None, "ContactPlaceholder"
        return key, code

    def fold(self, text: str, locale: Locale) -> str | None:
        """What two spellings of one number have in common; None when it must not be matched."""
        return self._judge(text, locale)[0]

    def sought(self, text: str, locale: Locale) -> tuple[str, str]:
        """How a phone is searched for, and by what (contract 2.9): of fewer than 8 digits by how it `ends`, else what
        `equals` it; an empty text fits nothing.
        """
        digits = "".join(mark for mark in text if mark.isascii() and mark.isdigit())
        return ("ends", digits) if len(digits) < 8 else ("equals", self.fold(text, locale) or "")


@dataclass(frozen=True)
class Email(Text):
    """An e-mail address, printed as sent, matched case-folded."""

    label: str = "e-mail"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> str | None:
        text = super().read(raw, locale, notes)
        if text is not None and self.fold(text, locale) is None:
            placeholder = text.casefold() in locale.placeholders
            code = "ContactPlaceholder" if placeholder else "EmailNotUsable"
            notes.append((code, "kept, but not used to find a customer"))
        return text

    def fold(self, text: str, locale: Locale) -> str | None:
        """The case-folded address; None when it has no @, inner blanks, or is a placeholder."""
        key = text.strip().casefold()
        usable = "@" in key and len(key.split()) == 1 and key not in locale.placeholders
        return key if usable else None
