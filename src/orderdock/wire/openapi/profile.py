"""For whom a document is made: everybody, or one key with what it may do and must give."""

from __future__ import annotations

from typing import NamedTuple

from orderdock.accounts.model import OPERATIONS, Scope


class Profile(NamedTuple):
    """What of a key shows in its document; equal profiles have equal documents.

    `mandatory` maps operations to domain fields, `allowed` is None when every field may be sent, `cm_id` is the
    account (0: any), `rate` its units a minute, `extra_keys` and `always_200` are None where some have them and
    others not.
    """

    name: str
    operations: frozenset[str]
    mandatory: tuple[tuple[str, tuple[str, ...]], ...] = ()
    allowed: frozenset[str] | None = None
    extra_keys: bool | None = None
    always_200: bool | None = None
    batch_max_items: int = 1000
    cm_id: int = 0
    rate: int | None = None

    @property
    def has_extras(self) -> bool:
        """Whether answers always carry the keys of ours."""
        return self.extra_keys is True

    @property
    def shows_extras(self) -> bool:
        """Whether they may."""
        return self.extra_keys is not False

    def wanted(self, operation: str) -> tuple[str, ...]:
        """The domain fields that every request of an operation must give."""
        return dict(self.mandatory).get(operation, ())


# Whom the whole document is for: nothing is mandatory or kept from it.
EVERYBODY = Profile("", frozenset(OPERATIONS))


def profile_of(scope: Scope) -> Profile:
    """The profile of a credential."""
    return Profile(
        scope.key_name,
        scope.operations,
        tuple(sorted((name, tuple(fields)) for name, fields in scope.mandatory.items())),
        scope.allowed,
        bool(scope.settings["extra_keys"]),
        scope.account["http_status"] == "always-200",
        int(scope.account["batch_max_items"]),
        scope.cm_id,
        scope.settings["rate_per_minute"],
    )


class Base(NamedTuple):
    """Facts of the installation. `served` holds the addresses that it answers (None: all that there are)."""

    version: str
    url: str = "/"
    served: frozenset[str] | None = None
