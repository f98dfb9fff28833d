"""The fields of an enquiry (contract section 3, Enquiry)."""

from __future__ import annotations

from typing import Final

from orderdock import kinds
from orderdock.fields.field import Field, In, Mandatory, Out, field

ORDER, L, V, ONE = In.LEGACY_ORDER, In.LEGACY_ENQUIRY, In.V1_ENQUIRY, Out.V1_ONE_ENQUIRY

ENQUIRY_FIELDS: Final[tuple[Field, ...]] = (
    field("enquiry.id", kinds.ID, "Number of the enquiry, given by Orderdock.", "11756843", shared=True,
          ins={ORDER: "enquiry_id", L: "enquiry_id", V: "enquiry_id"}, outs={ONE: "id†"}),
    field("enquiry.products", kinds.OBJECTS, "What is asked for; replaces the stored list.", [{"product_name": "Lamp"}],
          ins={L: "product_details"}),
    field("enquiry.status", kinds.SHORT, "Status key, stored as sent.", "N",
          ins={L: "status†", V: "status†"}, outs={ONE: "status†"}),
    field("enquiry.sub_status", kinds.SHORT, "Sub-status.", "warm",
          ins={L: "subStatus†", V: "subStatus"}, outs={ONE: "subStatus†"}),
    field("enquiry.action", kinds.SHORT, "Action.", "call", ins={L: "action", V: "action"}),
    field("enquiry.message", kinds.REMARKS, "What was asked.", "please call", ins={L: "message"}),
    field("enquiry.remarks", kinds.REMARKS, "Remarks on the enquiry.", "met at the fair", ins={L: "remarks", V: "remarks"}),
    field("enquiry.assigned_to", kinds.PERSON, "The employee who looks after the enquiry.", "meera@example.com",
          ins={L: "assign_emp_code:code assign_emp_email:email assign_email_id:email assign_emp_name:name",
               V: "assign_emp_code:code assign_emp_email:email assign_emp_name:name"}, outs={ONE: "assignedToId†"}),
    field("enquiry.group", kinds.CODE, "The group whose next member in turn gets it.", "north", column="",
          ins={L: "round_robin_key†", V: "round_robin_key"}),
    field("enquiry.next_follow_up", kinds.MOMENT, "Next follow-up.", "2024-06-01",
          ins={L: "next_follow_up_date†", V: "next_follow_up_date"}, outs={ONE: "nextFollowUpDate†"}),
    field("enquiry.last_follow_up", kinds.MOMENT, "Last follow-up.", "2024-05-01",
          ins={L: "last_follow_up_date†", V: "last_follow_up_date†"}),
    field("enquiry.expected_closure", kinds.MOMENT, "When it should be closed.", "2024-07-01",
          ins={L: "expected_closure_date†", V: "expected_closure_date†"}),
    field("enquiry.priority", kinds.SHORT, "Priority.", "high", ins={L: "lead_priority†", V: "lead_priority†"}),
    field("enquiry.campaign", kinds.SHORT, "Campaign.", "spring", ins={L: "campaign_name", V: "campaign_name†"}),
    field("enquiry.secondary_source", kinds.SHORT, "Second source.", "stand 4", shared=True, ins={L: "secSource"}),
    field("enquiry.tertiary_source", kinds.SHORT, "Third source.", "flyer", shared=True, ins={L: "tertSource"}),
    field("enquiry.created_at", kinds.MOMENT, "When the enquiry was made.", 1715149492000, mandatory=Mandatory.NO,
          outs={ONE: "createDate†"}),
    field("enquiry.additional", kinds.EXTRA, "Members that have no field of their own.", {"Expected Area": "1200"},
          ins={V: "additional_fields associate_fields"}),
)  # fmt: skip
