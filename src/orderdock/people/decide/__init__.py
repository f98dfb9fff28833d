"""The rules for finding, making and changing customers, contacts and enquiries (contract 1.8, 2.8). Pure."""

from orderdock.people.decide.contacts import identified_by, keep_contact
from orderdock.people.decide.customers import (
    change,
    check_same,
    create,
    find,
    find_named,
    given_changes,
    wanted_changes,
)
from orderdock.people.decide.enquire import enquire
from orderdock.people.decide.enquiries import change_enquiry, create_enquiry, open_enquiry, tell_made, told_of
from orderdock.people.decide.form import add_update
from orderdock.people.decide.missing import fault_of, is_told, missing_of_people
from orderdock.people.decide.push import push
from orderdock.people.decide.reach import Reach, Wanted
from orderdock.people.decide.records import GUARDS, differences, is_stale, merge_bags, told, without_cleared
from orderdock.people.decide.sheet import PeopleSheet

__all__ = [
    "GUARDS",
    "PeopleSheet",
    "Reach",
    "Wanted",
    "add_update",
    "change",
    "change_enquiry",
    "check_same",
    "create",
    "create_enquiry",
    "differences",
    "enquire",
    "fault_of",
    "find",
    "find_named",
    "given_changes",
    "identified_by",
    "is_stale",
    "is_told",
    "keep_contact",
    "merge_bags",
    "missing_of_people",
    "open_enquiry",
    "push",
    "tell_made",
    "told",
    "told_of",
    "wanted_changes",
    "without_cleared",
]
