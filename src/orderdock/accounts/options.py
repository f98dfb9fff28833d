"""The settings of an account and of a key, one row each (contract 1.17)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from phonenumbers import SUPPORTED_REGIONS

from orderdock.errors import Invalid
from orderdock.kinds import MOMENT, PHONE, Locale, show_local

_AN_HOUR: Final = 3_600_000

_ORIGIN: Final = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?/?", re.ASCII)
_ORIGINS_MOST: Final = 100
_PORTS: Final = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: how its text is read, what it is when unset, and what it does.

    `live` is False for a setting that the contract names but this version does not act on: it cannot be set.
    """

    name: str
    read: Callable[[str], Any]
    default: Any
    help: str
    live: bool = True

    @property
    def takes(self) -> str:
        """What it takes, as its reader says when it is given something else; "" when it takes any text."""
        try:
            self.read("\0")
        except ValueError as error:
            return str(error)
        return ""


def _choice(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError("one of " + ", ".join(words))
        return text

    return read


def _switch(text: str) -> bool:
    words = {"on": True, "true": True, "1": True, "yes": True, "off": False, "false": False, "0": False, "no": False}
    if text.lower() not in words:
        raise ValueError("on or off")
    return words[text.lower()]


def _count(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("a time zone such as Asia/Kolkata") from None
    return text


def _country(text: str) -> str:
    if text.upper() not in SUPPORTED_REGIONS:
        raise ValueError("a country code such as IN")
    return text.upper()


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isalpha() and text.isascii()):
        raise ValueError("a currency code such as INR")
    return text.upper()


def _word(text: str) -> str:
    if not text.strip() or len(text) > 500:
        raise ValueError("a text of at most 500 characters")
    return text.strip()


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _members(text: str) -> list[str]:
    words = _words(text)
    if any("." in word for word in words):
        raise ValueError("names of members as callers write them, such as phone, without a record before them")
    return words


def _some_fields(text: str) -> list[str] | None:
    return None if text in ("", "*") else _words(text)


def _networks(text: str) -> list[str]:
    try:
        return [str(ipaddress.ip_network(word, strict=False)) for word in _words(text)]
    except ValueError:
        raise ValueError("addresses or CIDR ranges, separated by commas") from None


def _origins(text: str) -> list[str]:
    """Origins as browsers write them: in lower case, without a path or the port that goes without saying."""
    found = [_ORIGIN.fullmatch(word.lower()) for word in _words(text)]
    if len(found) > _ORIGINS_MOST or not all(found):
        raise ValueError(f"at most {_ORIGINS_MOST} origins such as https://shop.example.com, separated by commas")
    split = [match.groups("") for match in found if match]
    return [f"{scheme}://{host}{'' if port == _PORTS.get(scheme) else port}" for scheme, host, port in split]


def _day(text: str) -> str | None:
    if text in ("", "none"):
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("a date as yyyy-mm-dd, or none") from None


def _optional_id(text: str) -> int | None:
    if text in ("", "none"):
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 2**53:
        raise ValueError("a whole number from 1, or none")
    return int(text)


ACCOUNT_OPTIONS: Final[tuple[Option, ...]] = (
    Option("time_zone", _zone, "Asia/Kolkata", "Zone in which local dates are read and printed."),
    Option("country", _country, "IN", "Country in which phone numbers are read."),
    Option("currency", _currency, "INR", "The account's one currency."),
    Option("http_status", _choice("compatible", "always-200"), "compatible", "HTTP status of legacy failures."),
    Option("allow_query_key", _switch, False, "Accept ?auth_key=."),
    Option("lowercase_twins", _switch, False, "Add `message` and `status` to legacy failures."),
    Option("batch_max_items", _count(1, 5000), 1000, "Most items of one request."),
    Option("body_max_bytes", _count(1024, 256 * 1024 * 1024), 16 * 1024 * 1024, "Most bytes of an unpacked body."),
    Option("default_status", _word, "AP", "Status of a new order that names none."),
    Option("default_enquiry_status", _word, "N", "Status of a new enquiry that names none."),
    Option("unknown_employee", _choice("warn", "error"), "warn", "What an unknown employee is."),
    Option("placeholder_contacts", _words, [], "Phones and e-mails that stand for nobody."),
    Option("enquiry_duplicates", _choice("accept", "reject"), "accept", "Repeated enquiries."),
    Option("closed_enquiry_statuses", _words, ["CL"], "Statuses of closed enquiries."),
    Option("customer_pull_max_hours", _optional_id, None, "Longest range of a customer pull."),
    Option("cors_origins", _origins, [], "Browser origins that may call, such as https://shop.example.com."),
    Option("event_retention_days", _optional_id, None, "Days that events are kept.", live=False),
    Option("request_log_days", _count(1, 36500), 30, "Days that the request log is kept."),
    Option(
        "redact_fields", _members, [], "Names of members that the request log hides, wherever they stand in a body."
    ),
)

KEY_OPTIONS: Final[tuple[Option, ...]] = (
    Option("expires_on", _day, None, "Last day on which the key works, in the account's zone."),
    Option("enabled", _switch, True, "Whether the key works at all."),
    Option(
        "allowed_fields",
        _some_fields,
        None,
        "Fields that it may send, `*`: every one; others are left out, with a warning.",
    ),
    Option("ip_allow", _networks, [], "Addresses and ranges it may be used from; empty: any."),
    Option(
        "rate_per_minute",
        _optional_id,
        None,
        "Units a minute: 1 a request, and 1 more for every started 100 items behind the first 100.",
    ),
    Option("discount_kind", _choice("amount", "percent"), "amount", "What a line's discount is."),
    Option(
        "total_mismatch", _choice("accept", "warn", "reject"), "warn", "What a total that differs from the lines is."
    ),
    Option("customer_update", _choice("fill", "overwrite", "never"), "fill", "What order writes do to the customer."),
    Option("extra_keys", _switch, True, "Whether answers carry keys that the documents do not show."),
    Option(
        "default_assignee",
        _optional_id,
        None,
        "Employee for orders that name nobody: the number that `employee list` prints.",
    ),
)


def defaults(options: tuple[Option, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every option with its given value, or its default."""
    return {option.name: given.get(option.name, option.default) for option in options}


def shown_options(options: tuple[Option, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """The same without the options that this version does not act on: what an administrator is shown."""
    return {option.name: given.get(option.name, option.default) for option in options if option.live}


def read_options(options: tuple[Option, ...], words: Mapping[str, str]) -> dict[str, Any]:
    """Settings as typed by an administrator -> their values. Raises Invalid naming every setting that is wrong."""
    known = {option.name: option for option in options}
    values, wrong = {}, []
    for name, text in words.items():
        option = known.get(name)
        if option is None or not option.live:
            wrong.append(f"{name}: " + ("not available in this version" if option else "no such setting"))
            continue
        try:
            values[name] = option.read(text)
        except ValueError as error:
            wrong.append(f"{name}={text}: must be {error}")
    if wrong:
        raise Invalid("; ".join(wrong))
    return values


def locale_of(account: Mapping[str, Any]) -> Locale:
    """How an account with these settings reads and prints; placeholders in every form that contacts are compared in."""
    zone, country = ZoneInfo(account["time_zone"]), account["country"]
    plain = Locale(zone, country)
    words: list[str] = account["placeholder_contacts"]
    phones = (PHONE.fold(word, plain) for word in words if "@" not in word)
    return Locale(zone, country, frozenset({*words, *(word.casefold() for word in words), *filter(None, phones)}))


def day_of(ms: int, locale: Locale) -> str:
    """The ISO date of a moment in a zone."""
    return show_local(ms, locale.zone)[:10]


def read_end(text: str, locale: Locale) -> int:
    """The moment at which something ends, in epoch ms; of a date its last one. Raises Invalid."""
    try:
        span = MOMENT.span(text, locale, [])
    except ValueError as error:
        raise Invalid(f"{text}: {error}") from None
    if span is None:
        raise Invalid("a moment is needed")
    return span[1] if span[1] - span[0] > _AN_HOUR else span[0]


def last_moment(day: str, locale: Locale) -> int:
    """The last millisecond of a day in a zone."""
    span = MOMENT.span(day, locale, [])
    if span is None:
        raise Invalid("a date is needed")
    return span[1]
