"""`python -m orderdock`: the command line."""

from __future__ import annotations

from orderdock.cli import main

if __name__ == "__main__":
    main()
