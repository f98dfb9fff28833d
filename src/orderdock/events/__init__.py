"""The log of what happened: history, and the change feed."""
