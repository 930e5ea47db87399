"""Pages of a long list."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.admin.keys_first import KeysFirstPaginator
from accounts.models import Transfer
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


def test_page_of_a_list_without_rows_is_empty(admin_client):
    launched_storm(transfer_count=60)
    address = reverse("admin:accounts_transfer_changelist")

    assert shown(content(admin_client.get(address, {"status__exact": "failed", "p": "1"}))) == []
    assert KeysFirstPaginator(Transfer.objects.none(), 50).page(1).object_list.count() == 0


def shown(page: str) -> list[str]:
    """The primary keys of the rows, in their order."""
    return re.findall(r'field-key"><a href="/admin/accounts/transfer/(\d+)/', page)
