"""How orders, lines and payments are kept."""
