"""What an exploration found, as it is printed and kept: dataclasses that go into JSON and come back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accounts.explorer.session_state import SessionState, session_states
from accounts.explorer.tally import COUNTS
from accounts.explorer.timeline import lines
from accounts.explorer.verdicts import words
from interleavings.engine.code_place import CodePlace
from interleavings.engine.scenario import Run
from interleavings.engine.step import Step

#: The folders of what runs the strategies.
MACHINERY = tuple(Path(__file__).parents[1] / room for room in ("explorer", "labs"))


@dataclass(frozen=True)
class StepReport:
    """One step of a schedule, as it is shown."""

    session: str
    text: str  #: what it did in a few words, and what it read
    sql: str
    waited_for: tuple[str, ...]  #: the sessions that it had to wait for
    went_on: Mapping[str, str]  #: by session: what each did that could go on by this step
    error: str  #: the SQLSTATE, or the exception's name; empty if it had none
    code: tuple[CodePlace, ...] = ()  #: the lines of code behind it, each called by the next one
    committed: Mapping[int, int] = field(default_factory=dict)  #: the balances that it made visible, by account number
    #: what the sessions that moved in it have in hand from then on
    sessions: Mapping[str, SessionState] = field(default_factory=dict)

    @property
    def place(self) -> CodePlace | None:
        """The innermost line of the strategy's own file; None if it was sent from outside of it."""
        return next((place for place in self.code if place.file == self.code[-1].file), None)

    def line_in(self, file: str) -> int | None:
        """The line of this file that it is about; None if the file has no part in it."""
        return next((place.line for place in self.code if place.file == file), None)

    def cells(self, sessions: Sequence[str]) -> list[str]:
        """Its row in a table with a column for each session: what that session did in this step, or nothing."""
        texts = {self.session: self.text, **self.went_on}
        return [texts.get(name, "") for name in sessions]

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "session": self.session,
            "step": self.text,
            "sql": self.sql,
            "waited_for": list(self.waited_for),
            "went_on": dict(self.went_on),
            "error": self.error,
            "code": [place._asdict() for place in self.code],
            "committed": dict(self.committed),
            "sessions": {name: state.as_values() for name, state in self.sessions.items()},
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "StepReport":
        """What `as_values` gave."""
        return cls(
            session=values["session"],
            text=values["step"],
            sql=values["sql"],
            waited_for=tuple(values["waited_for"]),
            went_on=values["went_on"],
            error=values["error"],
            code=tuple(CodePlace(**place) for place in values.get("code", ())),
            committed={int(number): balance for number, balance in values.get("committed", {}).items()},
            sessions={name: SessionState.from_values(state) for name, state in values.get("sessions", {}).items()},
        )


def report_steps(
    steps: Sequence[Step],
    numbers: Mapping[int, int],
    *,
    committed: Sequence[Mapping[int, int]] = (),
    full_sql: bool = False,
) -> tuple[StepReport, ...]:
    """The steps as they are shown; `numbers` are the accounts' numbers by primary key.

    `committed`: the balances that each step made visible to others, by the accounts' numbers, where that is known.
    """
    texts = lines(steps, numbers, full_sql=full_sql)
    changes = committed or [{}] * len(steps)
    states = session_states(steps, numbers)
    return tuple(
        StepReport(
            session=step.session,
            text=line.text,
            sql=step.sql,
            waited_for=tuple(step.waited_for),
            went_on=line.went_on,
            error=step.error,
            code=users_code(step),
            committed=balances,
            sessions=moved,
        )
        for step, line, balances, moved in zip(steps, texts, changes, states, strict=True)
    )


def users_code(step: Step) -> tuple[CodePlace, ...]:
    """The lines behind a step, without those of what runs the strategies."""
    return tuple(place for place in step.code_stack if Path(place.file).parent not in MACHINERY)


@dataclass(frozen=True)
class ScheduleReport:
    """One schedule that was run to its end: its steps, and what is wrong with it."""

    schedule: str  #: "t (a) t t a": a step in brackets had to wait
    verdict: tuple[str, ...]  #: what is wrong, in a few words each; nothing if all is right
    stories: tuple[str, ...]  #: the same in sentences
    balances: Mapping[int, int]  #: at the end, by the account's number
    hung: tuple[str, ...]  #: the sessions that would wait for ever
    steps: tuple[StepReport, ...]

    @classmethod
    def of(cls, run: Run, numbers: Mapping[int, int]) -> "ScheduleReport":
        """The report of a run; `numbers` are the accounts' numbers by primary key."""
        return cls(
            schedule=str(run),
            verdict=tuple(words(run)),
            stories=tuple(run.observation.stories),
            balances=run.observation.balances,
            hung=run.hung,
            steps=report_steps(run.steps, numbers, committed=run.observation.committed),
        )

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "schedule": self.schedule,
            "verdict": list(self.verdict),
            "stories": list(self.stories),
            "balances": dict(self.balances),
            "hung": list(self.hung),
            "steps": [step.as_values() for step in self.steps],
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "ScheduleReport":
        """What `as_values` gave, also if it has been JSON meanwhile: there, numbers of accounts are texts."""
        return cls(
            schedule=values["schedule"],
            verdict=tuple(values["verdict"]),
            stories=tuple(values["stories"]),
            balances={int(number): balance for number, balance in values["balances"].items()},
            hung=tuple(values["hung"]),
            steps=tuple(map(StepReport.from_values, values["steps"])),
        )


@dataclass(frozen=True)
class Listed:
    """A schedule in a list: no steps, only what it stands for and what is wrong with it."""

    schedule: str
    weight: int  #: how many schedules it stands for: itself, and those that end the same
    verdict: tuple[str, ...]

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"schedule": self.schedule, "verdict": list(self.verdict), "weight": self.weight}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Listed":
        """What `as_values` gave."""
        return cls(values["schedule"], values["weight"], tuple(values["verdict"]))


@dataclass(frozen=True)
class Timeline:
    """A schedule with its steps, and how many schedules it stands for."""

    report: ScheduleReport
    weight: int

    @property
    def listed(self) -> Listed:
        """The same without its steps."""
        return Listed(self.report.schedule, self.weight, self.report.verdict)

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return self.report.as_values() | {"weight": self.weight}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Timeline":
        """What `as_values` gave."""
        return cls(ScheduleReport.from_values(values), values["weight"])


@dataclass(frozen=True)
class ExplorationReport:
    """The verdict on a plan. `counts` are of schedules, by the names in tally.py."""

    transfer_with: str
    audit_with: str
    accounts: int
    transfers: str  #: "1>2:30,2>1:5"
    audits: int
    processes: str
    schedules: int  #: those that were run, and those that they stand for
    exhaustive: bool  #: whether these are all that there are
    about: int | None  #: of a sample: about how many there are
    run: int  #: how many schedules were run
    counts: Mapping[str, int]
    error: str  #: the first error that a session raised, as a sentence; empty if none did
    unmet: tuple[str, ...]  #: choices of the database that were never met, as schedules: "t1 t2 a t1>a"
    notes: tuple[str, ...]  #: what the evidence lacks, where balances alone decided
    duration_s: float
    worst: ScheduleReport | None  #: the shortest of the worst schedules; None if none is wrong
    serial: Listed | None  #: what goes wrong although one session runs after the other; None: nothing does

    @property
    def pruned(self) -> int:
        """How many schedules were not run because another one stands for them."""
        return self.schedules - self.run

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "transfer_with": self.transfer_with,
            "audit_with": self.audit_with,
            "accounts": self.accounts,
            "transfers": self.transfers,
            "audits": self.audits,
            "processes": self.processes,
            "schedules": self.schedules,
            "exhaustive": self.exhaustive,
            "about": self.about,
            "run": self.run,
            "pruned": self.pruned,
            **self.counts,
            "error": self.error,
            "unmet": list(self.unmet),
            "notes": list(self.notes),
            "duration_s": self.duration_s,
            "serial": None if self.serial is None else self.serial.as_values(),
            "witness": None if self.worst is None else self.worst.as_values(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "ExplorationReport":
        """What `as_values` gave. Rows of version 0.1.0 lack some counts (0), and what was not met, noted or serial."""
        plain = ["transfer_with", "audit_with", "accounts", "transfers", "audits", "processes", "schedules"]
        plain += ["exhaustive", "about", "run", "error", "duration_s"]
        return cls(
            **{name: values[name] for name in plain},
            counts={name: values.get(name, 0) for name in COUNTS},
            unmet=tuple(values.get("unmet", ())),
            notes=tuple(values.get("notes", ())),
            worst=None if values["witness"] is None else ScheduleReport.from_values(values["witness"]),
            serial=Listed.from_values(values["serial"]) if values.get("serial") else None,
        )


@dataclass(frozen=True)
class ReplayReport:
    """One schedule that was asked for: to its end, or as far as it goes."""

    ready: Mapping[str, str]  #: by session: the step that could come next
    blocked: Mapping[str, Sequence[str]]  #: by session: those that it waits for
    steps: tuple[StepReport, ...]
    ended: ScheduleReport | None  #: None: sessions have steps to take yet

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        what = {
            "complete": self.ended is not None,
            "ready": dict(self.ready),
            "blocked": {name: list(others) for name, others in self.blocked.items()},
        }
        steps = {"steps": [step.as_values() for step in self.steps]}
        return what | (steps if self.ended is None else self.ended.as_values())

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "ReplayReport":
        """What `as_values` gave, also if it has been JSON meanwhile."""
        return cls(
            ready=values["ready"],
            blocked=values["blocked"],
            steps=tuple(map(StepReport.from_values, values["steps"])),
            ended=ScheduleReport.from_values(values) if values["complete"] else None,
        )
