"""Open a database, run statements in a transaction; the few places where SQLite and PostgreSQL differ.

`BEGIN`, `COMMIT` and `ROLLBACK` stand in this room alone; the writer says when.
"""

from orderdock.db.connection import Connection, Ids, is_broken_off, is_lost
from orderdock.db.database import (
    MORE_READERS,
    Database,
    analyze_grown,
    check_safety,
    sentence_of,
    size_of,
    tend,
    unsafe_settings,
)
from orderdock.db.sql import (
    FOR_UPDATE,
    JSON_ARRAY,
    SKIP_LOCKED,
    UPSERT_WHERE,
    Engine,
    Reply,
    Row,
    Sql,
    Tx,
    as_rows,
    blob,
    columns_of,
    few_numbers,
    picked,
    record,
    source,
    store_records,
    store_rows,
)

__all__ = [
    "FOR_UPDATE",
    "JSON_ARRAY",
    "MORE_READERS",
    "SKIP_LOCKED",
    "UPSERT_WHERE",
    "Connection",
    "Database",
    "Engine",
    "Ids",
    "Reply",
    "Row",
    "Sql",
    "Tx",
    "analyze_grown",
    "as_rows",
    "blob",
    "check_safety",
    "columns_of",
    "few_numbers",
    "is_broken_off",
    "is_lost",
    "picked",
    "record",
    "sentence_of",
    "size_of",
    "source",
    "store_records",
    "store_rows",
    "tend",
    "unsafe_settings",
]
