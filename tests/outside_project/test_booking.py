"""The last seat is sold once: proved with the lock, refuted without it."""

import pytest
from concerts.booking import book, book_locked
from concerts.models import Concert
from django.db import connection


@pytest.fixture(autouse=True)
def _last_seat(transactional_db) -> None:
    Concert.objects.create(title="Requiem", seats_left=1)


def test_database_is_the_one_that_the_wheel_brings():
    assert connection.vendor == "postgresql"
    assert connection.server.is_running()


def test_last_seat_is_sold_once(explore):
    report = explore(anna=lambda: book_locked("Requiem"), ben=lambda: book_locked("Requiem"))

    report.assert_serializable()
    assert report.exhaustive
    assert Concert.objects.get().seats_left == 1  # set back


def test_error_last_seat_is_sold_twice_without_the_lock(explore):
    report = explore(anna=lambda: book("Requiem"), ben=lambda: book("Requiem"))

    with pytest.raises(AssertionError, match="4 of 6 schedules end as no serial order of the 2 calls does; exhaustive"):
        report.assert_serializable()
