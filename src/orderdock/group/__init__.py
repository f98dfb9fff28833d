"""One group's transaction over all features (design 3.1).

A group is whole requests of one account. It runs a fixed number of statements, whatever is in it.
"""

from orderdock.group.run import rehearse, run
from orderdock.group.work import Done, Replayed, Work

__all__ = ["Done", "Replayed", "Work", "rehearse", "run"]
