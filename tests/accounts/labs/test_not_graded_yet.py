"""What could not be proved is not graded yet: another word, another exit status, no 0 points; no clock decides it."""

import json
import os
from contextlib import AbstractContextManager, nullcontext
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.errors import BankError
from accounts.labs import case_runner, examination, examiner_watch, grading, marking
from accounts.labs.case_runner import Runs, TooSlow, explore_sessions
from accounts.labs.catalogue import find_lab
from accounts.labs.examiner_watch import NotEnded, Watch
from accounts.labs.grading import check, left_undecided, refused
from accounts.labs.hand_ins import HandIn
from accounts.labs.verdict import CheckResult, LabVerdict, State, failed, passed, undecided
from accounts.models.opening import Order
from interleavings.engine.faults import Stuck

LAB = find_lab(4)


def verdict(*outcomes) -> LabVerdict:
    results = [CheckResult(f"check {place}", 2, outcome) for place, outcome in enumerate(outcomes)]
    return LabVerdict(4, 2 * len(outcomes), tuple(results))


@pytest.mark.parametrize(
    ("outcomes", "state", "score"),
    [
        ([passed(""), passed("")], State.PASSED, 4),
        ([passed(""), failed("")], State.FAILED, 2),
        ([passed(""), undecided("")], State.UNDECIDED, None),
        ([failed(""), undecided("")], State.UNDECIDED, None),
    ],
)
def test_one_check_that_is_undecided_leaves_the_mark_open(outcomes, state, score):
    given = verdict(*outcomes)

    assert (given.state, given.score, given.is_passed) == (state, score, state is State.PASSED)
    assert LabVerdict.from_values(json.loads(json.dumps(given.as_values()))) == given


def test_storm_has_no_part_in_the_mark():
    storm = CheckResult("storm", 0, failed("luck"))

    given = LabVerdict(4, 2, (CheckResult("whole", 2, passed("")), storm))

    assert (given.state, given.score, given.first_failed) == (State.PASSED, 2, None)


@pytest.mark.django_db(transaction=True)
def test_more_schedules_than_are_run_are_not_graded_yet(monkeypatch):
    monkeypatch.setattr(case_runner, "LIMIT", 1)

    given = check(LAB, LAB.solution, student="anna", with_storm=False)

    assert (given.state, given.score) == (State.UNDECIDED, None)
    assert given.checks[0].outcome.message.startswith(
        "Not graded yet: nothing wrong was found in as many schedules as are run (1), but there are more."
    )
    assert given.checks[1].outcome.message == "Not run: it needs whole."


@pytest.mark.django_db(transaction=True)
def test_command_has_a_word_and_an_exit_status_for_it(monkeypatch):
    monkeypatch.setattr(examination, "check", lambda lab, *_, **__: left_undecided(lab, "Not graded yet: too slow."))
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("lab", "check", "4", "--student", "anna", stdout=out)

    assert end.value.code == 3
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ["?", "whole"]
    assert lines[-1].startswith("Not graded yet: neither refuted nor proved.")
    out = StringIO()
    call_command("lab", "--student", "anna", stdout=out)
    assert "not graded yet" in out.getvalue()


# A session that does not arrive: on a busy machine, it may only be late.


def explore(*attempts: Stuck | None):
    """What comes of a driver that raises these, one at each attempt."""
    left = iter(attempts)

    def driver(_stage, _scenario, _sessions) -> Runs:
        problem = next(left)
        if problem:
            raise problem
        return Runs([], is_exhaustive=True)

    return explore_sessions({}, orders=[Order(1, 2, 30)], account_count=2, driver=driver)


def late(place: str, seconds: float) -> Stuck:
    return Stuck(f"Session t: it did not arrive at its next step within {seconds:g} s, after its step {place}.")


@pytest.mark.django_db(transaction=True)
def test_session_that_is_late_once_is_given_more_time():
    assert explore(late("1", 5), None).is_exhaustive


@pytest.mark.django_db(transaction=True)
def test_session_that_never_arrives_at_the_same_place_is_the_file_s_doing():
    with pytest.raises(BankError, match="within 20 s, after its step 1"):
        explore(late("1", 5), late("1", 20))


@pytest.mark.django_db(transaction=True)
def test_sessions_that_are_late_in_different_places_say_nothing_of_the_file():
    with pytest.raises(TooSlow):
        explore(late("1", 5), late("2", 20))


# A server that goes away.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("births", [[1, 2, 2], [1, None, 2], [None, None, None]])
def test_check_that_fails_while_the_server_goes_away_is_not_graded_yet(births, monkeypatch):
    born = iter(births)
    monkeypatch.setattr(grading, "server_birth", lambda: next(born, births[-1]))

    given = check(LAB, LAB.exercise, student="anna", with_storm=False, until_refuted=True)

    assert (given.state, given.score) == (State.UNDECIDED, None)
    assert given.checks[0].outcome.message == (
        "Not graded yet: the database was shut down or restarted during this check."
    )


# The process.


class Quiet:
    """A process that uses no processor time."""

    @staticmethod
    def processes() -> list:
        return []


def test_beat_gives_an_examination_all_its_time_again(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(examiner_watch.time, "monotonic", lambda: now[0])
    watch = Watch(Quiet(), tmp_path, "my_fix.py", time_limit_s=10)
    for place in range(5):
        now[0] += 9
        (tmp_path / "progress").touch()
        os.utime(tmp_path / "progress", ns=(place, place))
        watch.look()

    now[0] += 11
    with pytest.raises(NotEnded, match="No schedule came to its end within 10 s. It sleeps, "):
        watch.look()


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_file_that_uses_processor_time_without_end_has_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(examiner_watch, "MAX_LOADING_CPU_S", 0.5)
    file = tmp_path / "my_fix.py"
    file.write_text("while True:\n    pass\n")

    given = examination.check(LAB, file, student="anna", with_storm=False)

    assert (given.state, given.score) == (State.FAILED, 0)
    assert given.checks[0].outcome.message.startswith("It runs for ever")


# A class.


class OneDatabase:
    """A server that always has a database."""

    def database(self) -> AbstractContextManager:
        return nullcontext({})


def test_class_is_marked_again_alone_where_it_was_undecided(tmp_path, monkeypatch):
    for student in ("anna", "ben", "carla"):
        (tmp_path / f"{student}.py").write_text("")
    examined = []

    def examine(lab, file: Path, *, student: str, **_options) -> LabVerdict:
        examined.append(student)
        if student == "carla":
            return refused(lab, "It is no Python.")
        return left_undecided(lab, "Not graded yet.") if examined.count(student) == 1 or student == "ben" else verdict()

    monkeypatch.setattr(examination, "check", examine)
    hand_ins = [HandIn(student, LAB, (tmp_path / f"{student}.py",)) for student in ("anna", "ben", "carla")]

    marks = {mark.student: mark for mark in marking.mark_class(OneDatabase(), hand_ins, time_limit_s=1)}

    assert examined == ["anna", "ben", "carla", "anna", "ben"]
    assert {name: (mark.state, mark.score) for name, mark in marks.items()} == {
        "anna": ("passed", 0),
        "ben": ("not graded yet", None),
        "carla": ("failed", 0),
    }


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_examiner_that_cannot_begin_is_not_the_file_s_doing(monkeypatch):
    """Such as a project that is being updated while a class is marked."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "no_such.settings")

    given = examination.check(LAB, LAB.solution, student="anna", with_storm=False, time_limit_s=60)

    assert (given.state, given.score) == (State.UNDECIDED, None)
    said = given.checks[0].outcome.message
    assert "the check itself could not begin (ModuleNotFoundError: No module named 'no_such')" in said
