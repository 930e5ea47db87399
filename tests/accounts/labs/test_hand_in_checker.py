"""What is handed in is marked as a class is; here without a server and without a process."""

import errno
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import pytest

from accounts.errors import BankError
from accounts.labs import hand_in_checker, marking
from accounts.labs.hand_in_checker import check_what_waits
from accounts.labs.verdict import LabVerdict
from accounts.models import LabRecord
from tests.support.hand_ins import CODE, wait_in_line
from tests.support.labs import VERDICT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def examined(monkeypatch) -> list[tuple]:
    """No file is run; each has failed. What was to be examined."""
    calls = []

    def examine(server, hand_in, *, time_limit_s):
        (file,) = hand_in.files
        calls.append((hand_in.student, hand_in.lab.number, file.name, file.read_text(), time_limit_s))
        return LabVerdict.from_values(VERDICT)

    monkeypatch.setattr(hand_in_checker, "SubmissionServer", lambda: nullcontext("server"))
    monkeypatch.setattr(marking, "check_that_it_works", lambda server, lab, *, time_limit_s: None)
    monkeypatch.setattr(marking, "examine", examine)
    return calls


def test_files_are_marked_in_their_order_as_the_file_of_a_lab(examined):
    wait_in_line("ben", "anna")

    ready, *checked = islice(check_what_waits(), 3)

    assert ready is None
    assert [record.student for record, _verdict in checked] == ["ben", "anna"]
    assert examined == [(student, 2, "lab02_missed_lock.py", CODE, 180) for student in ("ben", "anna")]
    assert {record.verdict["score"] for record in LabRecord.objects.all()} == {VERDICT["score"]}


def test_error_when_the_server_is_gone_the_file_has_no_result(examined, monkeypatch):
    def refuse(*_arguments, **_options):
        raise BankError("The server is gone.")

    monkeypatch.setattr(marking, "examine", refuse)
    wait_in_line("anna", "ben")

    with pytest.raises(BankError, match="The server is gone"):
        list(check_what_waits())

    kept = LabRecord.objects.order_by("student").values_list("student", "hand_in_state", "hand_in_reason")
    assert list(kept) == [("anna", "ended", "The server is gone."), ("ben", "waiting", "")]


def test_error_where_our_own_solution_does_not_pass_no_file_is_taken(examined, monkeypatch):
    def refuse(*_arguments, **_options):
        raise BankError("Nothing was graded.")

    monkeypatch.setattr(marking, "check_that_it_works", refuse)
    wait_in_line("anna")

    with pytest.raises(BankError, match="Nothing was graded"):
        list(check_what_waits())

    assert LabRecord.objects.get().hand_in_state == "waiting"


def test_error_file_that_cannot_be_written_here_is_not_graded_yet_and_the_next_one_is_checked(examined, monkeypatch):
    write_bytes, errors = Path.write_bytes, [OSError(errno.ENOSPC, "No space left on device")]

    def write_when_there_is_room(path, content):
        if errors:
            raise errors.pop()
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_when_there_is_room)
    wait_in_line("anna", "ben")

    _ready, (_anna, verdict), (ben, _verdict) = islice(check_what_waits(), 3)

    assert verdict.checks[0].outcome.message == (
        "Not graded yet: the file could not be written to be checked (No space left on device)."
    )
    assert LabRecord.objects.get(student="anna").verdict["state"] == "not graded yet"
    assert ben.student == "ben"
