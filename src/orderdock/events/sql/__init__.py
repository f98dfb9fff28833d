"""How the log is kept."""
