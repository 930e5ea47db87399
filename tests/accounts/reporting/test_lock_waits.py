"""Which session waits for which, and what each is called."""

import pytest
from django.db import connection

from accounts.reporting import lock_waits
from accounts.strategies.row_lock import transfer
from tests.support.pages import HTMX, content, storm_url
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db


# Who waits for whom.


@pytest.mark.django_db(transaction=True)
def test_session_that_waits_is_shown_with_the_one_it_waits_for(viewer, scheduler, order, open_bank):
    bank = open_bank(100, 100)
    first, second = order(bank, 1, 2, 10), order(bank, 1, 2, 10)
    storm = launched_storm(audit_count=3)
    scheduler.begin({"t": lambda: transfer(first), "a": lambda: transfer(second)})
    assert scheduler.step("t")
    assert not scheduler.step("a")

    seen = lock_waits.observe_waits()
    page = content(viewer.get(storm_url(storm), headers=HTMX))

    (holder, waiter) = (line.session for line in seen["waits"].lines)
    assert (seen["waiting"], waiter.waits_for) == (1, (holder.pid,))
    assert "FOR UPDATE" in waiter.short_sql
    assert page.count('class="arrow"') == 1
    assert f"<td>session {holder.pid} of the server</td>" in page
    assert f"session {waiter.pid} of the server waits" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("application_name", "name"),
    [
        ("private-x 23152", "worker 23152"),
        ("private-x 23152:thread_3", "worker 23152, thread 3"),
        ("private-x", None),
        ("psql 12 x", None),
    ],
)
def test_session_is_named_as_in_the_timeline_of_the_workers(application_name, name, scheduler, order, open_bank):
    """The server's own number of a session is that of no worker."""
    bank = open_bank(100, 100)
    first, second = order(bank, 1, 2, 10), order(bank, 1, 2, 10)

    def named_transfer() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET application_name = '{application_name}'")  # which is no step
        transfer(second)

    scheduler.begin({"t": lambda: transfer(first), "a": named_transfer})
    scheduler.step("t")
    scheduler.step("a")

    waiter = lock_waits.observe_waits()["waits"].lines[1].session
    assert waiter.name == (name or f"session {waiter.pid} of the server")
