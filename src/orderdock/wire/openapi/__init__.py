"""OpenAPI 3.1 and JSON Schema of what is served, derived from the registry of fields (contract 2.19, 2.20)."""

from __future__ import annotations

from orderdock.wire.openapi.document import document, operation_schemas
from orderdock.wire.openapi.handout import handout
from orderdock.wire.openapi.profile import EVERYBODY, Base, Profile, profile_of

__all__ = ["EVERYBODY", "Base", "Profile", "document", "handout", "operation_schemas", "profile_of"]
