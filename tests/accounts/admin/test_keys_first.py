"""Pages of a long list."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.pages import content
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order", ["", "o=4", "o=-2.4", "q={storm}", "status__exact=pending&o=-4"])
def test_last_page_of_transfers_has_its_rows_in_order_and_skips_rows_without_joins(order, admin_client):
    storm = launched_storm(transfer_count=110)
    query = order.format(storm=storm.pk)
    address = reverse("admin:accounts_transfer_changelist")
    whole = content(admin_client.get(f"{address}?{query}&all="))

    with CaptureQueriesContext(connection) as queries:
        page = content(admin_client.get(f"{address}?{query}&p=3"))

    assert shown(page) == shown(whole)[100:]
    assert len(shown(page)) == 10
    (skipping,) = (query["sql"] for query in queries if "OFFSET" in query["sql"])
    assert "accounts_account" not in skipping


def shown(page: str) -> list[str]:
    """The primary keys of the rows, in their order."""
    return re.findall(r'field-key"><a href="/admin/accounts/transfer/(\d+)/', page)
