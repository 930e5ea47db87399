"""Runs the isolation matrix: every schedule of each anomaly under each protection, on the PostgreSQL that is there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.management import call_command

from accounts.db.scratch_database import scratch_database
from accounts.errors import BankError
from accounts.explorer.anomalies import anomalies, key_of, protections
from accounts.explorer.report import StepReport
from accounts.models import Account, Bank
from interleavings import Report, explore
from interleavings.engine.module_copies import Copies, Original
from interleavings.engine.scenario import shortness
from interleavings.report.report import Ending
from interleavings.report.timeline import lines_of

HERE = Path(__file__)


@dataclass(frozen=True)
class Row:
    """A protection, as it stands in the matrix."""

    title: str
    protection: str  #: a class of protections.py
    is_separate: bool = False  #: each session in a process of its own

    @property
    def key(self) -> str:
        """Its name in addresses."""
        return f"{self.protection}{'-separate' if self.is_separate else ''}"


ROWS = (
    Row("READ UNCOMMITTED", "ReadUncommitted"),
    Row("READ COMMITTED", "ReadCommitted"),
    Row("REPEATABLE READ", "RepeatableRead"),
    Row("SERIALIZABLE", "Serializable"),
    Row("row locks, in no order", "ForUpdateUnordered"),
    Row("row locks, in one order", "ForUpdate"),
    Row("row locks, by writers only", "ForUpdateByWriters"),
    Row("advisory lock", "AdvisoryLock"),
    Row("Python lock, one process", "PythonLock"),
    Row("Python lock, a process each", "PythonLock", is_separate=True),
)


def find(cell: str) -> tuple[Row, ModuleType]:
    """The row and the anomaly of a cell, by their keys: "ReadCommitted/read_skew". Raises BankError if it is none."""
    row, _slash, anomaly = cell.partition("/")
    rows = {each.key: each for each in ROWS}
    columns = {key_of(each): each for each in anomalies()}
    if row not in rows or anomaly not in columns:
        raise BankError(
            f"There is no cell {cell!r}: name a row and an anomaly, such as ReadCommitted/read_skew. "
            f"Rows: {', '.join(rows)}. Anomalies: {', '.join(columns)}."
        )
    return rows[row], columns[anomaly]


@dataclass(frozen=True)
class Cell:
    """One anomaly under one protection."""

    anomaly: str  #: its key
    row: str  #: the key of the row
    possible: int  #: in how many schedules it happened
    schedules: int
    run: int  #: how many of them were run; the others only swap steps that do not meet
    is_exhaustive: bool
    refused: Mapping[str, int]  #: by SQLSTATE: in how many schedules the database refused a session
    schedule: str  #: the shortest one in which it happened; "" if it is impossible
    #: of that one; if it is impossible, of one that switches most often. Each has the lines of protections.py and of
    #: the anomaly's file behind it
    steps: tuple[StepReport, ...]

    def in_words(self) -> str:
        """ "possible in 3 of 20 schedules", "impossible: 0 of 20 schedules"; and what the database refused."""
        how = "possible in" if self.possible else "impossible:" if self.is_exhaustive else "not found:"
        count = f"{how} {self.possible:,} of {self.schedules:,} schedules"
        refused = "".join(
            f"; in {number:,} the database ended a session ({state})" for state, number in self.refused.items()
        )
        return f"{count}{refused}."

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**values, "refused": dict(self.refused), "steps": [step.as_values() for step in self.steps]}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Cell":
        """What `as_values` gave, also when it has been JSON."""
        return cls(**{**values, "steps": tuple(map(StepReport.from_values, values["steps"]))})


def run_matrix(*, rows: Sequence[Row] = ROWS, columns: Sequence[ModuleType] = ()) -> Iterator[Cell]:
    """The cells, one by one, row by row; without `columns`, of all anomalies.

    Raises BankError if the role may not make a database.
    """
    with scratch_database():
        call_command("migrate", verbosity=0)
        Bank.objects.create(pk=protections.BANK, name="Isolation matrix", opening_total=200)
        for number in (1, 2):
            Account.objects.create(bank_id=protections.BANK, number=number, opening_balance=100, balance=100)
        for row, anomaly in product(rows, columns or anomalies()):
            yield run_cell(row, anomaly)


def run_cell(row: Row, anomaly: ModuleType) -> Cell:
    """One cell, in the database that is there: with the accounts of `run_matrix`, and one that may be destroyed."""
    results: dict[str, Any] = {}
    calls: dict[str, Any] = {**_calls(row, anomaly, results)}
    report = explore(**calls, invariant=lambda: not anomaly.happened(results))
    bad = [ending for ending in report.endings if _is_bad(ending, anomaly)]
    example = min(bad, key=_shortness) if bad else max(report.endings, key=attrgetter("reading_effort"))
    return Cell(
        anomaly=key_of(anomaly),
        row=row.key,
        possible=sum(ending.weight for ending in bad),
        schedules=report.schedules,
        run=report.run,
        is_exhaustive=report.exhaustive,
        refused=report.refused,
        schedule=example.schedule if bad else "",
        steps=tuple(_steps(example, report)),
    )


def _shortness(ending: Ending) -> tuple[Any, ...]:
    return shortness(ending.steps)


def _is_bad(ending: Ending, anomaly: ModuleType) -> bool:
    refused_with = getattr(anomaly, "REFUSED_WITH", None)
    return bool(ending.broken) or refused_with in ending.outcome.refused.values()


def _calls(row: Row, anomaly: ModuleType, results: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """The sessions, each with its protection; what they return is noted in `results`."""
    original = Original(protections.__file__, name=protections.__name__)
    copies = Copies("the process")

    def call(name: str) -> Callable[[], Any]:
        own = Copies(f"the process of {name}") if row.is_separate else copies
        protection = getattr(own.get(original), row.protection)(only_reads=name in anomaly.ONLY_READ)

        def do() -> Any:
            results.pop(name, None)
            results[name] = anomaly.SESSIONS[name](protection)
            return results[name]

        return do

    return {name: call(name) for name in anomaly.SESSIONS}


def _steps(ending: Ending, report: Report) -> Iterator[StepReport]:
    for step, line in zip(ending.steps, lines_of(ending.steps, ignored=report.ignored_columns), strict=True):
        own_cell, *other_cells = line.cells
        yield StepReport(
            session=own_cell.call,
            text=own_cell.text,
            sql=step.sql,
            waited_for=tuple(step.waited_for),
            went_on={cell.call: cell.text for cell in other_cells},
            error=step.error,
            code=tuple(place for place in step.code_stack if _is_lesson(Path(place.file))),
        )


def _is_lesson(file: Path) -> bool:
    """Whether it is an anomaly's file, or protections.py."""
    return file.parent == HERE.parent and file != HERE
