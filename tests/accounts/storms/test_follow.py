"""A storm is followed to its end, or to the reason why it has none."""

import psycopg
import pytest
from django.db import InterfaceError, OperationalError

from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms import follow as following
from accounts.storms.follow import follow as follow_storm
from accounts.storms.outage import retry_while_away
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db(transaction=True)


def test_error_when_no_worker_takes_a_job(monkeypatch):
    monkeypatch.setattr(following, "NO_WORKER_S", 0)
    storm = launched_storm()

    with pytest.raises(BankError, match="No worker took a job"):
        for _progress in follow_storm(storm):
            pass

    assert storm.state == Storm.State.FAILED


def test_storm_whose_database_refuses_is_marked_as_failed(monkeypatch):
    def full(_storm):
        raise OperationalError("could not extend file: No space left on device") from psycopg.errors.DiskFull()

    monkeypatch.setattr(following, "progress_of", full)
    storm = launched_storm()

    with pytest.raises(OperationalError):
        next(follow_storm(storm))

    assert (storm.state, storm.reason) == (
        Storm.State.FAILED,
        "The database refused: 53100: could not extend file: No space left on device",
    )


def test_report_waits_for_a_database_that_goes_away_when_the_storm_is_over(monkeypatch):
    answers = iter([OperationalError("the server closed the connection"), InterfaceError("closed"), None])
    said = []

    def question() -> str:
        if error := next(answers):
            raise error
        return "the report"

    assert retry_while_away(question, say=said.append) == "the report"
    assert len(said) == 1
    assert said[0].startswith("The database cannot be reached (")


def test_error_that_waiting_does_not_help_is_raised():
    def question() -> None:
        raise OperationalError("No space left on device") from psycopg.errors.DiskFull()

    with pytest.raises(OperationalError):
        retry_while_away(question, say=print)
