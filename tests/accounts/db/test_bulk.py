"""Many rows are updated in one statement."""

import pytest

from accounts.db.bulk import update_many
from accounts.models import Account


@pytest.mark.django_db
def test_each_row_gets_its_own_values_in_one_statement(open_bank, django_assert_num_queries):
    bank = open_bank(1, 2, 3)
    first, second, _third = bank.account_pks

    with django_assert_num_queries(1):
        update_many(Account, {"id": "bigint", "balance": "bigint"}, [(first, 10), (second, 20)])

    assert list(bank.accounts.order_by("pk").values_list("balance", flat=True)) == [10, 20, 3]


def test_nothing_to_update_asks_nothing():
    update_many(Account, {"id": "bigint", "balance": "bigint"}, [])
