"""The tables: ratios against the bars, and what the processors did; for the terminal, for the docs, as JSON."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.cases import TAIL_AIM, TAIL_BAR, Case
from bench.results import Round, Run

DISTURBED = 0.15
"""Cores used by other programs or taken by the host above which a run is not to be trusted."""

WIDTH = 140
"""The least width of the tables; a narrow terminal or a log file would fold them beyond reading."""

RATIOS = ("figure", "what", "a second", "p50 / p99 ms", "ratio", "bar", "aim", "verdict")
DETAILS = ("figure", "what", "lowest - highest", "server", "database", "load", "kernel", "others", "errors")
COLOURS = {"INVALID": "red", "SHORT": "yellow", "met": "green", "beyond": "bold green"}


@dataclass(frozen=True)
class Row:
    """One figure; `ratio` counts against `bar` and `aim`."""

    figure: str
    what: str
    runs: Sequence[Run]
    ratio: float
    bar: float | None = None
    aim: float | None = None
    less_is_better: bool = False
    unfounded: bool = False
    """What it is measured against has errors."""

    @property
    def missing(self) -> str:
        """Why there are no figures, where that is no error."""
        return next((run.missing for run in self.runs if run.missing), "")

    @property
    def errors(self) -> list[str]:
        """Everything seen in any of its runs."""
        return [error for run in self.runs for error in run.errors]

    @property
    def verdict(self) -> str:
        """Whether the bar was met; a run with errors has met nothing."""
        if self.errors or self.unfounded:
            return "INVALID"
        if self.missing:
            return self.missing
        if self.bar is None or self.aim is None:
            return ""
        sign = -1 if self.less_is_better else 1
        if sign * self.ratio >= sign * self.aim:
            return "beyond"
        return "met" if sign * self.ratio >= sign * self.bar else "SHORT"

    @property
    def others(self) -> float:
        """Cores that were not ours, in the worst of its runs."""
        return max(run.usage.other + run.usage.steal for run in self.runs)

    def ratios(self) -> list[str]:
        """The cells of the first table."""
        sign = "<=" if self.less_is_better else ">="
        return [
            self.figure,
            self.what,
            f"{self.middle(lambda run: run.rate):,.0f}",
            f"{self.middle(lambda run: run.p50_ms):.1f} / {self.middle(lambda run: run.p99_ms):.1f}",
            f"{self.ratio:.2f}",
            "" if self.bar is None else f"{sign} {self.bar:g}",
            "" if self.aim is None else f"{self.aim:g}",
            self.verdict,
        ]

    def details(self) -> list[str]:
        """The cells of the second table: the spread of the runs, and cores kept busy."""
        rates = [run.rate for run in self.runs]
        return [
            self.figure,
            self.what,
            f"{min(rates):,.0f} - {max(rates):,.0f}",
            f"{self.middle(lambda run: run.usage.server):.2f}",
            f"{self.middle(lambda run: run.usage.database):.2f}",
            f"{self.middle(lambda run: run.usage.load):.2f}",
            f"{self.middle(lambda run: run.usage.kernel):.2f}",
            f"{self.others:.2f}" + (" disturbed" if self.others > DISTURBED else ""),
            str(len(self.errors)),
        ]

    def middle(self, value: Callable[[Run], float]) -> float:
        """The median over the rounds."""
        return median([value(run) for run in self.runs])


def rows(cases: Sequence[Case], rounds: Sequence[Round]) -> list[Row]:
    """The limit, then the cases; P5 directly under the P1 that it is read from."""
    result = []
    for index, run in enumerate(rounds[0].limits):
        ratio = median([one.limits[index].rate / one.limit.rate for one in rounds])
        what = f"pgbench, the plain transaction, {run.clients} clients"
        result.append(Row("limit", what, [one.limits[index] for one in rounds], ratio))
    for index, case in enumerate(cases):
        runs = [one.runs[index] for one in rounds]
        bases = [base(case, cases, one) for one in rounds]
        ratio = median([run.rate / under.rate if under.rate else 0.0 for run, under in zip(runs, bases, strict=True)])
        unfounded = any(under.errors for under in bases)
        result.append(Row(case.figure, case.what, runs, ratio, case.bar, case.aim, unfounded=unfounded))
        if case.figure == "P1":
            tail = median([run.tail for run in runs])
            what = f"p99 to p50 of P1, {case.workers} worker{'s' if case.workers > 1 else ''}"
            result.append(Row("P5", what, runs, tail, TAIL_BAR, TAIL_AIM, less_is_better=True))
    return result


def base(case: Case, cases: Sequence[Case], one: Round) -> Run:
    """What a case is measured against: the limit, or the fastest of those that bear the name."""
    if not case.against:
        return one.limit
    named = [run for other, run in zip(cases, one.runs, strict=True) if other.name == case.against]
    return max(named, key=lambda run: run.rate)


def runs_only(table: Sequence[Row]) -> list[Row]:
    """Without P5, which has no runs of its own."""
    return [row for row in table if row.figure != "P5"]


def remarks(table: Sequence[Row]) -> list[str]:
    """Each error in full, and whether the ratios can be quoted at all."""
    said = [f"{row.figure}, {row.what}: {error}" for row in runs_only(table) for error in row.errors]
    if any(row.others > DISTURBED for row in table):
        said.append(
            "Other programs took part of the processors: do not quote these ratios, run again on a quiet machine."
        )
    return said


def print_tables(console: Console, header: dict[str, str], table: Sequence[Row]) -> None:
    """For the terminal."""
    console.width = max(console.width, WIDTH)
    for name, value in header.items():
        console.print(f"{name}: {value}", markup=False, highlight=False)
    console.print(drawn(RATIOS, [(row.ratios(), COLOURS.get(row.verdict)) for row in table]))
    console.print(drawn(DETAILS, [(row.details(), None) for row in runs_only(table)]))
    for remark in remarks(table):
        console.print(remark, style="red", markup=False, highlight=False)


def drawn(headings: Sequence[str], lines: Sequence[tuple[list[str], str | None]]) -> Table:
    """A table with its text to the left and its figures to the right."""
    shown = Table()
    for heading in headings:
        shown.add_column(heading, justify="left" if heading in {"figure", "what", "verdict"} else "right")
    for cells, colour in lines:
        shown.add_row(*cells, style=colour)
    return shown


def markdown(header: dict[str, str], table: Sequence[Row]) -> str:
    """The same as text for docs/benchmarks.md."""
    lines = [f"- {name}: {value}" for name, value in header.items()]
    lines += ["", *piped(RATIOS, [row.ratios() for row in table])]
    lines += ["", "Spread of the runs, and cores kept busy:", ""]
    lines += piped(DETAILS, [row.details() for row in runs_only(table)])
    if said := remarks(table):
        lines += ["", *(f"- {remark}" for remark in said)]
    return "\n".join(lines) + "\n"


def piped(headings: Sequence[str], lines: Sequence[list[str]]) -> list[str]:
    """A table in Markdown."""
    rule = ["---" if heading in {"figure", "what", "verdict"} else "---:" for heading in headings]
    return ["| " + " | ".join(cells) + " |" for cells in (headings, rule, *lines)]


def as_json(
    header: dict[str, str], cases: Sequence[Case], rounds: Sequence[Round], table: Sequence[Row]
) -> dict[str, Any]:
    """Every figure of every run."""
    names = ("figure", "what", "ratio", "bar", "aim", "verdict")
    summary = [{name: getattr(row, name) for name in names} for row in table]
    return {
        "header": header,
        "table": summary,
        "cases": [asdict(case) for case in cases],
        "rounds": [asdict(one) for one in rounds],
    }
