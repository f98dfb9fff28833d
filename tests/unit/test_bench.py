"""What of the benchmarks can be wrong without a run showing it."""

import ast
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from bench import reads, report, templates
from bench.cases import CASES, Case, chosen, growth
from bench.results import Round, Run, Usage
from bench.same import unlike
from bench.seeds import Seed
from orderdock.wire.v1 import read_search
from tests.sql.rows import SCOPE


def ran(rate: float, *errors: str) -> Run:
    return Run(rate, 1.0, 2.0, 5.0, 10, 10, 64, Usage(), list(errors))


def verdicts(cases: tuple[Case, ...], *runs: Run) -> list[tuple[float, str]]:
    limits = [ran(1000), ran(2000)]
    table = report.rows(cases, [Round(limits, list(runs))])
    return [(row.ratio, row.verdict) for row in table if row.figure not in ("limit", "P5")]


PEER = Case("P4", "the peer", system="peer", name="peer", against="peer")
OURS = Case("P4", "ours", 12, 20, against="peer")


def test_a_case_counts_against_the_limit_or_against_what_it_names() -> None:
    assert verdicts((Case("P2", "alone", 1.5, 2.5), PEER, OURS), ran(4000), ran(100), ran(1500)) == [
        (2.0, "met"),
        (1.0, ""),
        (15.0, "met"),
    ]


def test_of_several_with_a_name_the_fastest_counts() -> None:
    assert verdicts((PEER, PEER, OURS), ran(50), ran(100), ran(1000))[-1] == (10.0, "SHORT")


def test_what_is_measured_against_a_run_with_errors_is_no_figure() -> None:
    assert verdicts((PEER, OURS), ran(100, "lost"), ran(3000))[-1][1] == "INVALID"


def test_a_route_that_is_not_there_is_said_and_is_no_error() -> None:
    absent = Run.absent(32, "no such route")
    assert verdicts((PEER, OURS), ran(100), absent)[-1] == (0.0, "no such route")


def printed_by_the_service() -> set[str]:
    """The fields of an order that it lists; its own packages are not installed here."""
    module = ast.parse(Path("bench/peer/schemas.py").read_text(encoding="utf-8"))
    [shown] = [node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "OrderOut"]
    return {
        node.target.id for node in shown.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def test_the_list_asks_for_what_the_textbook_service_prints() -> None:
    method, path, body = reads.listed(Seed("x", Path("x"), 0, 1_000))
    asked = dict(parse_qsl(urlsplit(path).query))
    query = read_search(asked, SCOPE).query
    span = next(term.value for term in query.terms if term.filter.names[0] == "createStartDate")
    assert (method, body, span[1] - span[0], query.limit) == ("GET", None, 99 * 6_000, 100)
    assert (query.sort, query.descending, query.warnings) == ("createDate", False, ())
    words = [key.word for key in query.shape.keys]
    assert words[-1] == "lines"
    # Every field of the service but the address, which is no field of a list.
    assert len(words) == len(printed_by_the_service() - {"address", "zip_code"})


def test_the_older_pull_is_a_row_without_a_bar() -> None:
    older = next(case for case in CASES if case.load == "older")
    assert (older.bar, older.aim, older.against) == (None, None, "peer list of 100 orders")
    assert reads.older(Seed("x", Path("x"), 0, 1_000))[1] == reads.PULL


def test_growth_is_asked_for_by_name() -> None:
    assert {case.figure for case in chosen("")} == {case.figure for case in CASES}
    assert "P7" not in {case.figure for case in CASES}
    assert chosen("P7", 1_000_000) == growth(1_000_000)


@pytest.mark.parametrize("case", [*CASES, *growth(10_000_000)], ids=lambda case: f"{case.figure} {case.what}")
def test_whatever_a_case_is_measured_against_is_measured_too(case: Case) -> None:
    names = {one.name for one in chosen(case.figure)}
    assert case.against in {"", *names}


def test_a_template_names_the_numbers_of_its_order_and_no_others() -> None:
    row = '1000001\t7\t{"id":4000001,"phone":"9807777777","e164":"+919807777777","no":"LOADED-5555555551","off":"5%"}\n'
    names = {4_000_001: "order", templates.PLAIN: "serial"}
    text = templates.named(row, names, "event", 1)
    assert text % {"order": 5, "serial": 6, "phone": 98, "seq1": 9} == (
        '1000001\t9\t{"id":5,"phone":"98","e164":"+9198","no":"LOADED-6","off":"5%"}\n'
    )


def test_answers_that_differ_are_told_by_name() -> None:
    one = {"id": 1, "lines": []}
    assert unlike({"order_details": [one]}, {"order_details": [one]}) == []
    assert unlike({"order_details": [one]}, {"order_details": [{**one, "id": 2}]}) == ["id"]
    assert unlike({"order_details": [one]}, {"order_details": []}) == ["order_details"]


def test_a_fifth_as_many_customers_as_loaded_orders_are_known() -> None:
    small, large = growth(10_000_000)[:2]
    assert (small.known, large.known) == (20_000, 2_000_000)
    assert replace(small, accounts=64).known == 312
