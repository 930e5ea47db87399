"""Why sessions wait for ever is said as it was seen."""

from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from interleavings import CannotExplore, explore
from interleavings.engine.hung import say_hung
from interleavings.engine.step import Step
from tests.support.samples.models import Choice
from tests.support.samples.races import vote_in_the_database

CIRCLE = """
import threading
from tests.support.samples.models import Choice
from tests.support.samples.races import vote_in_the_database

FIRST, SECOND = threading.Lock(), threading.Lock()

def setup():
    Choice.objects.create(pk=1, votes=0)

def session_anna():
    with FIRST, SECOND:
        vote_in_the_database(1)
        return True

def session_ben():
    with SECOND, FIRST:
        vote_in_the_database(1)
        return True
"""


def test_two_python_locks_in_a_circle():
    first, second = Step("t1", "acquire B", waited_for=["t2"]), Step("t2", "acquire A", waited_for=["t1"])

    assert say_hung(("t1", "t2"), [first, second]) == [
        "t1 waits for ever in acquire B: it is held by t2, which waits too.",
        "t2 waits for ever in acquire A: it is held by t1, which waits too.",
        "PostgreSQL sees no Python lock, and so it does not see that they wait for each other.",
    ]


def test_lock_of_a_session_that_has_ended():
    step = Step("t2", "SELECT pg_advisory_lock(7)", waited_for=["t1"])

    assert say_hung(("t2",), [step]) == [
        "t2 waits for ever in SELECT pg_advisory_lock(7): t1 has ended and never let go of it."
    ]


def test_lock_that_a_session_holds_itself():
    step = Step("t", "acquire LOCK", waited_for=["t"])

    assert say_hung(("t",), [step])[0] == "t waits for ever in acquire LOCK: it holds that itself."


@pytest.mark.django_db(transaction=True)
def test_error_call_that_waits_for_ever_in_serial_order():
    def vote_and_keep_the_lock() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(7)")
        vote_in_the_database(choice.pk)

    choice = Choice.objects.create(votes=0)

    with pytest.raises(CannotExplore) as refusal:
        explore(anna=vote_and_keep_the_lock, ben=vote_and_keep_the_lock)

    assert str(refusal.value) == (
        "In the order anna, then ben, ben waits for ever in SELECT pg_advisory_lock(7): anna has ended and never let "
        "go of it. That is no race: repair it."
    )


@pytest.mark.django_db(transaction=True)
def test_report_says_of_calls_that_wait_for_ever_what_for_and_that_they_returned_nothing(tmp_path):
    file = tmp_path / "my_race.py"
    file.write_text(CIRCLE)
    out = StringIO()

    with suppress(SystemExit):
        call_command("explore", str(file), stdout=out)

    assert "anna waits for ever in acquire SECOND: it is held by ben, which waits too." in out.getvalue()
    assert "anna returned: here nothing" in out.getvalue()
