"""How accounts, credentials, keys, employees and groups are kept."""
