"""Named lists that no order shows the numbers of: sources and designations (contract 2.9, docs/decisions/0009)."""

from __future__ import annotations

from typing import Final

from orderdock.accounts.actions import give_numbers, list_numbers
from orderdock.accounts.model import Scope, fold_word
from orderdock.db import Database
from orderdock.orders.sql import find as sql
from orderdock.people import actions as people

# So many names are given numbers in one transaction: the account's writer waits for it.
_STEP: Final = 1_000


def number_names(database: Database, scope: Scope) -> int:
    """Give a number to every source and designation of an account that has none; answers how many those are.

    For administrators, who are the only ones to see these numbers: it reads all customers and all orders.
    """
    with database.read() as tx:
        lists = {"source": people.sources(tx, scope), "designation": sql.designations(tx, scope.cm_id)}
        words = {(name, fold_word(said)): said for name, names in lists.items() for said in sorted(names)}
        known = list_numbers(tx, scope, words.keys())
    missing = [(name, key, said) for (name, key), said in words.items() if (name, key) not in known]
    for at in range(0, len(missing), _STEP):
        give_numbers(database, scope, missing[at : at + _STEP])
    return len(missing)
