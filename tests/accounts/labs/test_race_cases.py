"""Cases on the models of an app of the lab's: what is left behind, and what a busy machine decides."""

import pytest
from django.apps import apps
from django.db import connection

from accounts.errors import BankError
from accounts.labs import race_cases
from accounts.labs.catalogue import find_lab
from accounts.labs.grading import check
from accounts.labs.proofs import ScheduleProof
from accounts.labs.verdict import State
from interleavings import CannotExplore
from interleavings.engine.faults import Stuck

pytestmark = pytest.mark.django_db(transaction=True)

LAB = find_lab(13)


@pytest.fixture
def late_sessions(monkeypatch):
    """late_sessions(2): in the first two explorations, a session does not arrive at its next step."""
    explore = race_cases.explore_sessions

    def late_sessions(count: int) -> None:
        left = [Stuck("Session anna did not arrive.")] * count

        def explore_late(*args, **options):
            if not left:
                return explore(*args, **options)
            cause = CannotExplore("Session anna did not arrive.")
            cause.__cause__ = left.pop()
            raise BankError(str(cause)) from cause

        monkeypatch.setattr(race_cases, "explore_sessions", explore_late)

    return late_sessions


def state_of(name: str) -> State:
    """Of the solution's check of this name."""
    verdict = check(LAB, LAB.solution, student="anna", with_storm=False, until_refuted=True)
    return next(each.outcome.state for each in verdict.checks if each.name == name)


def test_app_and_its_tables_are_gone_afterwards():
    race_cases.OwnRace(LAB.app, "sell").explore(LAB.solution, LAB.variant("anna"))

    assert not apps.is_installed("ticket_shop")
    assert "ticket_shop_show" not in connection.introspection.table_names()


def test_session_that_is_late_once_is_no_error(late_sessions):
    late_sessions(1)

    schedules = race_cases.OwnRace(LAB.app, "sell").explore(LAB.solution, LAB.variant("anna"))

    assert schedules.report.serializable


def test_session_that_is_late_twice_is_not_graded_yet(late_sessions):
    late_sessions(2)

    assert state_of("shows") is State.UNDECIDED


def test_more_schedules_than_the_limit_are_not_graded_yet(monkeypatch):
    """What is wrong in a sample is wrong; where nothing is, that proves nothing."""
    monkeypatch.setattr(race_cases, "LIMIT", 2)

    assert state_of("shows") is State.PASSED
    assert state_of("repaired") is State.UNDECIDED


def test_steps_name_the_lines_of_the_students_file():
    wrong = LAB.wrong_answers[0]

    verdict = check(LAB, wrong, student="anna", with_storm=False, until_refuted=True)

    proofs = [each.outcome.proof for each in verdict.checks if isinstance(each.outcome.proof, ScheduleProof)]
    lines = [step.line_in(str(wrong)) for proof in proofs for step in proof.steps]
    assert lines
    assert None not in lines
