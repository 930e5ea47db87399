"""While calls are explored, no autovacuum changes how their statements are executed."""

import pytest
from django.db import connection

from interleavings import explore
from interleavings.database.steady_plans import OFF, steady_plans
from interleavings.database.tables import all_tables
from tests.support.samples.models import Stock

pytestmark = pytest.mark.django_db(transaction=True)

OPTIONS = "SELECT relname, reloptions::text FROM pg_class WHERE relname IN ('samples_stock', 'samples_tag') ORDER BY 1"


def options() -> dict[str, str | None]:
    with connection.cursor() as cursor:
        cursor.execute(OPTIONS)
        return dict(cursor.fetchall())


def test_tables_are_left_alone_while_calls_are_explored_and_then_are_as_before():
    stock = Stock.objects.create(in_stock=1)
    seen = []

    def look():
        seen.append(options())
        return True

    explore(*[lambda: Stock.objects.filter(pk=stock.pk).update(in_stock=2)] * 2, invariant=look)

    assert seen[0] == dict.fromkeys(("samples_stock", "samples_tag"), "{autovacuum_enabled=false}")
    assert options() == dict.fromkeys(("samples_stock", "samples_tag"))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_tables_are_as_before_when_it_is_interrupted(error):
    with pytest.raises(error), steady_plans(all_tables()):
        raise error

    assert options() == dict.fromkeys(("samples_stock", "samples_tag"))


def test_setting_that_was_made_before_is_kept():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE samples_tag {OFF}")
        try:
            with steady_plans(all_tables()):
                pass
            assert options() == {"samples_stock": None, "samples_tag": "{autovacuum_enabled=false}"}
        finally:
            cursor.execute("ALTER TABLE samples_tag RESET (autovacuum_enabled)")
