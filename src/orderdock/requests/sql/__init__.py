"""How requests are kept."""
