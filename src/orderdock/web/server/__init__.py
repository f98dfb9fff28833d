"""The HTTP server: connections and the processes that serve them. httptools parses, uvloop carries."""

from __future__ import annotations

from orderdock.web.server.front import CONNECTIONS, Front, connections_allowed, files_wanted
from orderdock.web.server.workers import Flag, Workers, watch_parent

__all__ = ["CONNECTIONS", "Flag", "Front", "Workers", "connections_allowed", "files_wanted", "watch_parent"]
