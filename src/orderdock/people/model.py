"""What a customer is found by."""

from __future__ import annotations

from typing import Final

# (kind of identity, the customer's column that holds its folded value), in the order in which they are looked up.
IDENTITY_COLUMNS: Final = (("code", "code"), ("phone", "phone_key"), ("email", "email_key"))
# The same for a contact: its phones and its e-mail are its customer's too (contract 1.8 rule 1).
CONTACT_IDENTITIES: Final = (("phone", "phone_key"), ("phone", "phone2_key"), ("email", "email_key"))
