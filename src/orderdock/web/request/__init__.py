"""What every request goes through before and after its handler: one chain, in the contract's order (1.4)."""

from __future__ import annotations

from orderdock.web.request.account import check_account
from orderdock.web.request.chain import Routes, Service, headers_of, refuse_early, respond
from orderdock.web.request.controls import Controls, controls
from orderdock.web.request.cors import Preflights
from orderdock.web.request.credentials import Check, Credentials
from orderdock.web.request.hosts import Origins
from orderdock.web.request.journal import Journal
from orderdock.web.request.model import Answer, Call, Disconnected, Reads, Request, Route
from orderdock.web.request.ticket import Ticket
from orderdock.web.request.uses import Counts
from orderdock.web.request.watch import Watch
from orderdock.web.request.writes import carry_out

__all__ = [
    "Answer",
    "Call",
    "Check",
    "Controls",
    "Counts",
    "Credentials",
    "Disconnected",
    "Journal",
    "Origins",
    "Preflights",
    "Reads",
    "Request",
    "Route",
    "Routes",
    "Service",
    "Ticket",
    "Watch",
    "carry_out",
    "check_account",
    "controls",
    "headers_of",
    "refuse_early",
    "respond",
]
