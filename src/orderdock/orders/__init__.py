"""Orders with their lines and payments."""
