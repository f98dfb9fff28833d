"""What may be done with accounts, keys, logins, employees and groups; and who a caller is."""

from __future__ import annotations

from orderdock.accounts.actions.admin import (
    Admin,
    account_of_subdomain,
    account_settings,
    checked_text,
    create_account,
    find_account,
    list_accounts,
    now_ms,
    set_account_options,
)
from orderdock.accounts.actions.employees import create_employee, employees_by_id, list_employees, set_employee
from orderdock.accounts.actions.expiring import expiring_keys, tell_expiring
from orderdock.accounts.actions.identify import Looked, authenticate, cli_scope, look_at, look_up
from orderdock.accounts.actions.key_life import Rotated, overlap_end, rotate_key, set_key, set_password
from orderdock.accounts.actions.key_use import Uses, add_uses
from orderdock.accounts.actions.keys import (
    Issued,
    check_expiry,
    create_key,
    create_login,
    disable_key,
    list_keys,
    new_secret,
    show_key,
)
from orderdock.accounts.actions.lists import (
    give_numbers,
    list_entries,
    list_numbers,
    words_meant,
)
from orderdock.accounts.actions.named import key_number, key_scope
from orderdock.accounts.actions.secret import demand_no_keys, open_hasher, put_secret, read_secret, secret_path
from orderdock.accounts.decide import meant_by
from orderdock.accounts.hide import forms_of, hide, hide_text, is_told_by
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, Option

__all__ = [
    "ACCOUNT_OPTIONS",
    "KEY_OPTIONS",
    "Admin",
    "Issued",
    "Looked",
    "Option",
    "Rotated",
    "Uses",
    "account_of_subdomain",
    "account_settings",
    "add_uses",
    "authenticate",
    "check_expiry",
    "checked_text",
    "cli_scope",
    "create_account",
    "create_employee",
    "create_key",
    "create_login",
    "demand_no_keys",
    "disable_key",
    "employees_by_id",
    "expiring_keys",
    "find_account",
    "forms_of",
    "give_numbers",
    "hide",
    "hide_text",
    "is_told_by",
    "key_number",
    "key_scope",
    "list_accounts",
    "list_employees",
    "list_entries",
    "list_keys",
    "list_numbers",
    "look_at",
    "look_up",
    "meant_by",
    "new_secret",
    "now_ms",
    "open_hasher",
    "overlap_end",
    "put_secret",
    "read_secret",
    "rotate_key",
    "secret_path",
    "set_account_options",
    "set_employee",
    "set_key",
    "set_password",
    "show_key",
    "tell_expiring",
    "words_meant",
]
