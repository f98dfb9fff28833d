"""The fields of a contact of a customer (contract section 3, Customer and contact)."""

from __future__ import annotations

from typing import Final

from orderdock import kinds
from orderdock.fields.field import Field, In, Mandatory, Out, field

V, GET = In.V1_CONTACT, Out.LEGACY_CONTACT

CONTACT_FIELDS: Final[tuple[Field, ...]] = (
    field("contact.id", kinds.ID, "Number of the contact, given by Orderdock.", 210006001, mandatory=Mandatory.NO,
          ins={V: "contact_id"}, outs={GET: "id"}),
    field("contact.name", kinds.SHORT, "Name; else first and last name.", "Asha Rao",
          ins={V: "contact_person_name"}, outs={GET: "contactPerson"}),
    field("contact.title", kinds.SHORT, "Title.", "Dr", ins={V: "title"}, outs={GET: "title†"}),
    field("contact.first_name", kinds.SHORT, "First name.", "Asha", ins={V: "first_name"}),
    field("contact.last_name", kinds.SHORT, "Last name.", "Rao", ins={V: "last_name"}),
    field("contact.gender", kinds.SHORT, "Gender.", "female", ins={V: "gender"}, outs={GET: "gender†"}),
    field("contact.country_code", kinds.CODE, "Region of the phones: 91, +91 or IN.", "91", ins={V: "country_code"}),
    field("contact.phone", kinds.PHONE, "Phone.", "8123456789", ins={V: "contact_person_phone"}, outs={GET: "phone"}),
    field("contact.phone2", kinds.PHONE, "Second phone.", "8123456780",
          ins={V: "additional_contact_phone"}, outs={GET: "additionalPhone†"}),
    field("contact.email", kinds.EMAIL, "E-mail.", "asha@example.com", ins={V: "contact_person_email"}, outs={GET: "email"}),
    field("contact.birth_date", kinds.MOMENT, "Date of birth.", "1990-02-01", ins={V: "dob"}, outs={GET: "birthDate†"}),
    field("contact.additional", kinds.EXTRA, "Members that have no field of their own.", {"floor": "2"}, mandatory=Mandatory.NO),
)  # fmt: skip
