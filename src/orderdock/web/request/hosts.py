"""Where a request came from and which account its host names, proxies that are trusted included (contract 1.2)."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from orderdock.accounts.model import Account
from orderdock.web.request.model import Request

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_NUMERIC: Final = re.compile(r"\[.*|[\d.]+(:\d+)?|localhost(:\d+)?", re.IGNORECASE)
_KEPT_FOR: Final = 1.0
_MOST: Final = 10_000
_LONGEST: Final = 100


@lru_cache(maxsize=1024)
def _address_often(text: str) -> Address | None:
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=4_096)  # a connection is asked of for each of its requests
def _address(text: str) -> Address | None:
    """The address that a peer or a proxy names; what is longer than one can be names none."""
    return _address_often(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=256)
def _label(host: str) -> str:
    if not host or _NUMERIC.fullmatch(host):
        return ""
    return host.partition(":")[0].partition(".")[0].lower()


class Origins:
    """Reads hosts and client addresses; asks which account a subdomain belongs to at most once a second."""

    def __init__(self, proxies: tuple[str, ...], look_up: Callable[[str], Awaitable[Account | None]]) -> None:
        self._proxies: tuple[Network, ...] = tuple(ip_network(text, strict=False) for text in proxies)
        self._look_up = look_up
        self._known: dict[str, tuple[float, Account | None]] = {}

    def _is_trusted(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._proxies)

    def client(self, request: Request) -> Address | None:
        """The caller's address: the last one that no trusted proxy vouches for."""
        address = _address(request.peer)
        if not self._proxies or not self._is_trusted(address):
            return address
        for text in reversed(request.headers.get("x-forwarded-for", "").split(",")):
            forwarded = _address(text)
            if forwarded is None:
                return address
            address = forwarded
            if not self._is_trusted(address):
                return address
        return address

    def label(self, request: Request) -> str:
        """The first label of the host's name; "" for an address, `localhost` or none."""
        host = request.headers.get("host", "")
        if self._proxies and "x-forwarded-host" in request.headers and self._is_trusted(_address(request.peer)):
            host = request.headers["x-forwarded-host"].rpartition(",")[2].strip()
        return _label(host)

    async def account(self, label: str) -> Account | None:
        """The account that a label is the subdomain of."""
        known = self._known.get(label)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        account = await self._look_up(label)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[label] = (time.monotonic() + _KEPT_FOR, account)
        return account
