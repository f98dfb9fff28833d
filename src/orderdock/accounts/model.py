"""Who is calling, and what the account and the key say about how their requests are judged."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final

from orderdock.fields import In, read_at, resolve
from orderdock.kinds import Locale, show_local

OPERATIONS: Final[dict[str, str]] = {
    "order.push": "Create orders, and update them by erp_order_id.",
    "order.update": "Update orders.",
    "order.payment": "Record and correct payments.",
    "order.pull": "Pull orders by date.",
    "order.get": "Get one order.",
    "order.add-update": "Add and update orders, v1 family.",
    "order.search": "Search orders, v1 family.",
    "customer.push": "Create and change customers.",
    "customer.get": "Get one customer.",
    "customer.pull": "Pull customers by date.",
    "customer.add-update": "Add and update customers, v1 family.",
    "enquiry.push": "Create and change enquiries.",
    "events.read": "Read the event feed.",
    "requests.read": "Read the request log.",
}
# Where an operation's caller writes fields; a name that means several fields there means the one of the first place.
_ORDER: Final = (In.LEGACY_ORDER, In.LEGACY_LINE)
_CUSTOMER_V1: Final = (In.V1_CUSTOMER, In.V1_CONTACT, In.V1_ENQUIRY)
TAKES: Final[dict[str, tuple[In, ...]]] = {
    "order.push": _ORDER,
    "order.update": _ORDER,
    "order.payment": (In.LEGACY_PAYMENT,),
    "order.add-update": (In.V1_ORDER, In.V1_TOP, In.V1_LINE, In.V1_PAYMENT, *_CUSTOMER_V1),
    "customer.push": (In.LEGACY_CUSTOMER,),
    "customer.add-update": _CUSTOMER_V1,
    "enquiry.push": (In.LEGACY_ENQUIRY,),
}
# Days before its last one on which a key's end is announced in every answer.
_ANNOUNCED_MS: Final = 30 * 24 * 3_600_000


@dataclass(frozen=True)
class Scope:
    """A credential that was resolved: its account, its key, and the settings of both (contract 1.3, 1.17).

    `operations` holds plain names, wildcards already spelled out. `mandatory` maps an operation to domain fields.
    `allowed` is None when every field may be sent. `expires_at` is the last epoch ms at which the key works.
    `owner` is the employee as whom the key acts. `until` is the last epoch ms of the secret that was sent, when the key
    was rotated and this is an old one; `last4` are that secret's.
    """

    cm_id: int
    subdomain: str
    key_id: int
    key_name: str
    kind: str
    last4: str
    operations: frozenset[str]
    mandatory: dict[str, tuple[str, ...]]
    allowed: frozenset[str] | None
    account: dict[str, Any]
    settings: dict[str, Any]
    owner: int
    enabled: bool
    expires_at: int | None
    networks: tuple[IPv4Network | IPv6Network, ...]
    locale: Locale
    until: int | None = None

    @cached_property
    def actor(self) -> str:
        """How events name the caller: `key:erp-push`, `login:ops`, and plainly `cli` for the command line."""
        if self.kind == "cli":
            return self.kind
        return f"{'login' if self.kind == 'login' else 'key'}:{self.key_name}"

    @cached_property
    def announced(self) -> tuple[int, str] | None:
        """(epoch ms from which on answers tell when the credential ends, its last day as an ISO date); None: no end.

        An old secret's end is told at once, unless the key itself ends before it (contract 1.16).
        """
        if self.until is not None and (self.expires_at is None or self.until < self.expires_at):
            return 0, show_local(self.until, self.locale.zone)[:10]
        return None if self.expires_at is None else (self.expires_at - _ANNOUNCED_MS, str(self.settings["expires_on"]))


# Always allowed, whatever a key's list of allowed fields says (contract 1.9.4).
_STRUCTURAL: Final = frozenset(
    {
        "order.id", "order.erp_order_id", "order.account", "order.enquiry", "order.source_version",
        "order.source_modified_at", "customer.id", "customer.code", "customer.phone", "customer.email",
        "customer.source_version", "customer.source_modified_at", "contact.id", "contact.phone", "contact.email",
        "enquiry.id", "payment.id", "lines",
    }
)  # fmt: skip


@lru_cache(maxsize=256)
def grant_of(allowed: frozenset[str], mandatory: tuple[str, ...]) -> frozenset[str]:
    """The fields and names that may be sent where a list of them is allowed, and some are mandatory."""
    named = {row.name for word in allowed for row in resolve(word)}
    return frozenset(_STRUCTURAL | allowed | named | set(mandatory))


def granted(scope: Scope, operation: str) -> frozenset[str] | None:
    """The fields and names that a key may send in an operation; None: all of them."""
    if scope.allowed is None:
        return None
    return grant_of(scope.allowed, tuple(scope.mandatory.get(operation, ())))


def may_send(grant: frozenset[str], place: In, word: str, unknown: str) -> bool:
    """Whether a name may be sent: it feeds a granted field or is granted itself; `unknown` keeps unknown names."""
    rows = read_at(place).get(word)
    if rows is None:
        return not grant.isdisjoint((word, unknown, f"{unknown}.{word}"))
    return any(row.name in grant for row, _ in rows)


def spell_out(patterns: list[str]) -> frozenset[str]:
    """Operations named plainly or by wildcard (`order.*`, `*`) -> plain names. Raises ValueError naming others."""
    found = {pattern: {name for name in OPERATIONS if fnmatchcase(name, pattern)} for pattern in patterns}
    unknown = [pattern for pattern, names in found.items() if not names]
    if unknown:
        raise ValueError(", ".join(unknown))
    return frozenset().union(*found.values())


def fold_word(text: str) -> str:
    """What two spellings of an employee's name or e-mail have in common."""
    return text.strip().casefold()


@dataclass(frozen=True)
class Account:
    """A tenant; `options` holds only what differs from the defaults."""

    cm_id: int
    name: str
    subdomain: str
    options: dict[str, Any]
    created_at: int = 0


@dataclass(frozen=True)
class ApiKey:
    """A key, an adopted key or a login as it is kept, without its secret; `options` holds only what was set."""

    cm_id: int
    id: int
    kind: str
    name: str
    last4: str
    password_hash: str | None
    operations: list[str]
    mandatory: dict[str, list[str]]
    options: dict[str, Any]
    owner: int


@dataclass(frozen=True)
class Employee:
    """Somebody of the account whom orders are assigned to, or as whom a key acts."""

    id: int
    code: str
    name: str
    email: str | None
    active: bool
