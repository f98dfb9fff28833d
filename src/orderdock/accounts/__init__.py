"""Accounts with their options, credentials, keys, logins, employees and groups."""
