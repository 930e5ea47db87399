"""What a check has found out about a file, and the verdict of all checks together: into JSON, and back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from accounts.labs.checked_file import CheckedFile
from accounts.labs.proofs import Proof, proof_from_values


class State(str, Enum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "not graded yet"  # neither refuted nor proved: not everything could be run
    NOT_RUN = "not run"  # another check, which it needs, has not passed


NOT_RUN = "Not run: "  # the message of such a check begins so


@dataclass(frozen=True)
class Outcome:
    """What became of a check, why, and what proves it (None: there is nothing to show)."""

    state: State
    message: str
    proof: Proof | None = None

    @property
    def is_passed(self) -> bool:
        return self.state is State.PASSED


def passed(message: str, proof: Proof | None = None) -> Outcome:
    """The claim of the check holds."""
    return Outcome(State.PASSED, message, proof)


def failed(message: str, proof: Proof | None = None) -> Outcome:
    """The claim of the check is refuted."""
    return Outcome(State.FAILED, message, proof)


def undecided(message: str) -> Outcome:
    """The claim of the check is neither refuted nor proved."""
    return Outcome(State.UNDECIDED, message)


@dataclass(frozen=True)
class CheckResult:
    """A check of a lab, by its name, and its outcome."""

    name: str
    points: int  #: what it is worth if it passes
    outcome: Outcome

    @property
    def decides(self) -> bool:
        """Whether it has a part in the mark. A storm has none: it confirms, by luck, what was proved."""
        return self.points > 0

    @property
    def score(self) -> int:
        return self.points if self.outcome.is_passed else 0

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        proof = self.outcome.proof
        return {
            "name": self.name,
            "state": self.outcome.state.value,
            "passed": self.outcome.is_passed,
            "points": self.points,
            "message": self.outcome.message,
            "evidence": None if proof is None else proof.as_values(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "CheckResult":
        """What `as_values` gave. Rows of version 0.1.0 have no state: there, the message says what was not run."""
        message = values["message"]
        not_passed = State.NOT_RUN if message.startswith(NOT_RUN) else State.FAILED
        state = State(values.get("state") or (State.PASSED if values["passed"] else not_passed))
        outcome = Outcome(state, message, proof_from_values(values["evidence"]))
        return cls(values["name"], values["points"], outcome)


@dataclass(frozen=True)
class LabVerdict:
    """The verdict on one file: the checks that were asked for, in their order."""

    lab: int  #: the lab's number
    max_score: int  #: the points of all checks of the lab, also of those that were not asked for
    checks: tuple[CheckResult, ...]
    file: CheckedFile | None = None  #: None: it is too long, or was checked by a version that did not keep it

    @property
    def state(self) -> State:
        """Passed if every check that decides has; so it is the same with a storm and without.

        Undecided if one of them is, whatever became of the others: what they are worth together is not known.
        """
        states = {check.outcome.state for check in self.checks if check.decides}
        if State.UNDECIDED in states:
            return State.UNDECIDED
        return State.PASSED if states <= {State.PASSED} else State.FAILED

    @property
    def is_passed(self) -> bool:
        return self.state is State.PASSED

    @property
    def score(self) -> int | None:
        """The points; None if it is undecided."""
        return None if self.state is State.UNDECIDED else sum(check.score for check in self.checks)

    @property
    def first_failed(self) -> CheckResult | None:
        """The check that says what is to be repaired first; None if none that decides is refuted."""
        return next((check for check in self.checks if check.decides and check.outcome.state is State.FAILED), None)

    @property
    def first_undecided(self) -> CheckResult | None:
        """The first check that leaves the mark open; None if there is none."""
        undecided_ones = (check for check in self.checks if check.outcome.state is State.UNDECIDED)
        return next((check for check in undecided_ones if check.decides), None)

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "lab": self.lab,
            "state": self.state.value,
            "passed": self.is_passed,
            "score": self.score,
            "max_score": self.max_score,
            "checks": [check.as_values() for check in self.checks],
            "file": None if self.file is None else self.file.as_values(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "LabVerdict":
        """What `as_values` gave."""
        checks = tuple(map(CheckResult.from_values, values["checks"]))
        return cls(values["lab"], values["max_score"], checks, CheckedFile.from_values(values.get("file")))
