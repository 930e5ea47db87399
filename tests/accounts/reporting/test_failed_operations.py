"""What failed, by its reasons; and jobs that raised, by the last line of their tracebacks."""

import pytest
from django.utils import timezone
from django_q.models import Failure

from accounts.reporting import failed_operations
from tests.support.pages import MARKUP, content, storm_url
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db


# Failures.


def test_failures_are_shown_with_their_reasons(viewer, running):
    other = launched_storm(audit_count=3)
    some = running.transfers.filter(status="applied")[:3]
    running.transfers.filter(pk__in=[one.pk for one in some]).update(status="failed", reason=f"40P01: {MARKUP}")
    running.audits.filter(number=0).update(status="failed", reason="55P03: lock timeout")
    when = {"started": timezone.now(), "stopped": timezone.now(), "success": False, "func": "f"}
    for place, storm in enumerate((running, other)):
        name = f"storm-{storm.pk}-job-1"
        Failure.objects.create(id=f"{place:032}", name=name, result=f"Traceback\nOops {MARKUP} {storm.pk}", **when)

    page = content(viewer.get(storm_url(running)))

    assert '<td class="number">3</td><td>40P01: &lt;script&gt;' in page
    assert "55P03: lock timeout" in page
    assert f"Job storm-{running.pk}-job-1 raised: Oops &lt;script&gt;" in page
    assert f"storm-{other.pk}-job-1" not in page
    assert MARKUP not in page


TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n    ^^^\n'


LOST = (
    "django.db.utils.OperationalError: server closed the connection unexpectedly\n"
    "\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n"
)


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (f"server closed the connection unexpectedly : {TRACEBACK}{LOST}", "server closed the connection unexpectedly"),
        (
            f"x : {TRACEBACK}psycopg.OperationalError: first\n\nThe above exception was the direct cause of the "
            f"following exception:\n\n{TRACEBACK}{LOST}",
            "server closed the connection unexpectedly",
        ),
    ],
)
def test_job_that_raised_shows_the_first_line_of_its_exception(result, error, viewer, running):
    when = {"started": timezone.now(), "stopped": timezone.now(), "success": False, "func": "f"}
    Failure.objects.create(id="0" * 32, name=f"storm-{running.pk}-job-1", result=result, **when)

    assert f"raised: OperationalError: {error} (attempt" in content(viewer.get(storm_url(running)))


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (f"{TRACEBACK}KeyError: 'a.b: c'", "KeyError: 'a.b: c'"),
        (f"{TRACEBACK}my.Error", "Error"),
        ("Killed by the guard", "Killed by the guard"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ("", ""),
    ],
)
def test_what_django_q2_keeps_may_be_no_traceback(result, error):
    assert failed_operations.error_in(result) == error
