"""The explorer is measured beside PostgreSQL's isolationtester."""

import pytest
from django.db import connection

from accounts.management.benchmarks.explorer import measure_explorer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_measuring_gives_ratios():
    measures = measure_explorer(rounds=1)

    assert all(one.ratio > 0 and one.schedules > 0 for one in measures)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA isolationtester CASCADE")
