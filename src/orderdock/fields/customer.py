"""The fields of a customer (contract section 3, Customer and contact)."""

from __future__ import annotations

from typing import Final

from orderdock import kinds
from orderdock.fields.field import Field, In, Mandatory, Out, field

ORDER, C, E, V = In.LEGACY_ORDER, In.LEGACY_CUSTOMER, In.LEGACY_ENQUIRY, In.V1_CUSTOMER
GET, ONE = Out.LEGACY_CUSTOMER, Out.V1_ONE_CUSTOMER
NO = Mandatory.NO

CUSTOMER_FIELDS: Final[tuple[Field, ...]] = (
    field("customer.id", kinds.ID, "Number of the customer, given by Orderdock.", "48046485",
          ins={ORDER: "customer_id kapture_customer_id†", In.LEGACY_PAYMENT: "kapture_customer_id customer_id†",
               C: "customer_id kapture_customer_id†", E: "customer_id kapture_customer_id†", V: "customer_id"}, outs={GET: "id", ONE: "id†"}),
    field("customer.code", kinds.CODE, "The caller's own number of the customer, unique in the account.", "C-77",
          ins={ORDER: "customer_code", C: "customer_code", E: "customer_code", V: "customer_code"},
          outs={GET: "customerCode", ONE: "code†"}),
    field("customer.name", kinds.SHORT, "Name of the person or organisation.", "Asha", shared=True,
          ins={ORDER: "customer_name name†", C: "name customer_name†", E: "customer_name name†", V: "customer_name"},
          outs={GET: "name", ONE: "name†"}),
    field("customer.company_name", kinds.SHORT, "Company.", "Asha Lamps", shared=True,
          ins={ORDER: "company_name†", C: "company_name†", V: "company_name†"}),
    field("customer.phone", kinds.PHONE, "Phone; identifies the customer.", "8123456789", shared=True,
          ins={ORDER: "phone", C: "phone", E: "phone", V: "phone"}, outs={ONE: "phone†"}),
    field("customer.email", kinds.EMAIL, "E-mail; identifies the customer.", "asha@example.com", shared=True,
          ins={ORDER: "email_id email†", C: "email email_id†", E: "email_id email†", V: "email_id"}, outs={ONE: "email†"}),
    field("customer.birth_date", kinds.MOMENT, "Date of birth.", "1990-02-01",
          ins={ORDER: "date_of_birth", C: "date_of_birth"}),
    field("customer.anniversary", kinds.MOMENT, "Anniversary.", "2015-06-01", ins={C: "anniversary_date"}),
    field("customer.address", kinds.ADDRESS, "Address.", "4 Hill Road, Pune", shared=True,
          ins={ORDER: "address", C: "address", V: "address"}, outs={GET: "address"}),
    field("customer.zip", kinds.CODE, "Postal code.", "411001", shared=True,
          ins={ORDER: "zip_code pincode†", C: "pincode†", V: "pincode"}, outs={GET: "pinCode"}),
    field("customer.locality", kinds.SHORT, "Locality.", "Camp", ins={ORDER: "locality†", C: "locality†", V: "locality"}),
    field("customer.city", kinds.SHORT, "City.", "Pune", ins={ORDER: "city†", C: "city", V: "city"}, outs={GET: "city"}),
    field("customer.state", kinds.SHORT, "State.", "Maharashtra",
          ins={ORDER: "state†", C: "state", V: "state"}, outs={GET: "state"}),
    field("customer.country", kinds.SHORT, "Country.", "India",
          ins={ORDER: "country†", C: "country", V: "country"}, outs={GET: "country"}),
    field("customer.type", kinds.SHORT, "Type of customer.", "retail", ins={C: "type", V: "type"}),
    field("customer.classification", kinds.SHORT, "Classification.", "A", ins={C: "classification", V: "classification"}),
    field("customer.zone", kinds.SHORT, "Zone, by name.", "West", ins={C: "zone", V: "zone"}),
    field("customer.website", kinds.SHORT, "Web site.", "https://example.com", ins={C: "website"}, outs={GET: "website"}),
    field("customer.board_line", kinds.CODE, "Second phone, stored as sent.", "020 555", ins={C: "board_line_no"}),
    field("customer.remarks", kinds.REMARKS, "Remarks on the customer.", "prefers mail",
          ins={C: "remarks", V: "customer_remarks remarks"}, outs={GET: "remarks"}),
    field("customer.primary_source", kinds.SHORT, "First source.", "fair", ins={C: "primary_source", V: "primary_source"}),
    field("customer.secondary_source", kinds.SHORT, "Second source.", "stand 4", shared=True,
          ins={C: "secondary_source†", E: "secSource", V: "secondary_source"}),
    field("customer.tertiary_source", kinds.SHORT, "Third source.", "flyer", shared=True,
          ins={C: "tertiary_source†", E: "tertSource", V: "tertiary_source"}),
    field("customer.individual", kinds.BOOLEAN, "Is a person.", "true", mandatory=NO, ins={V: "individual"}),
    field("customer.organization", kinds.BOOLEAN, "Is an organisation.", "false", mandatory=NO,
          ins={V: "organization"}, outs={GET: "isOrganization"}),
    field("customer.channel_partner", kinds.BOOLEAN, "Is a channel partner.", "false", mandatory=NO,
          ins={V: "channel_partner"}, outs={GET: "isChannelPartner"}),
    field("customer.assigned_to", kinds.PERSON, "The employee who looks after the customer.", "meera@example.com",
          ins={C: "assigned_to:email",
               V: "customer_assign_emp_code:code customer_assign_emp_email:email customer_assign_emp_name:name"}),
    *(
        field(f"customer.attr{n}", kinds.SHORT, f"Free attribute {n} of the customer.", f"value {n}",
              ins={C: f"attr{n}†", V: f"attr{n}†"}, outs={GET: f"attr{n}"})
        for n in range(1, 16)
    ),
    field("customer.additional", kinds.EXTRA, "Members that have no field of their own.", {"segment": "gold"},
          ins={C: "additional_fields†", V: "additional_fields"}),
    field("customer.associate", kinds.EXTRA, "Associate bodies, kept as sent.", {"site": "A"}, ins={V: "associate_fields"}),
    field("customer.source_version", kinds.COUNT, "The caller's version of the record; an older one is stale.", 3,
          ins={C: "source_version†", V: "source_version†"}),
    field("customer.source_modified_at", kinds.MOMENT, "The caller's modification date; an older one is stale.", "2024-05-08 11:54",
          ins={C: "source_modified_at†", V: "source_modified_at†"}),
)  # fmt: skip
