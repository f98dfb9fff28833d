"""What was asked and what was answered: stored answers for retries, and the request log."""
