"""Many rows are inserted, or updated, in one statement."""

import pytest
from django.db import IntegrityError
from django.forms.models import model_to_dict

from accounts.db.bulk import insert_many, update_many
from accounts.models import Account, Transfer

TRANSFER = ("bank_id", "source_id", "target_id", "amount")


@pytest.mark.django_db
def test_inserted_rows_are_as_the_model_would_save_them_and_in_their_order(open_bank):
    bank = open_bank(10, 20)
    source, target = bank.account_pks

    insert_many(Transfer, TRANSFER, ((bank.pk, source, target, amount) for amount in (3, 1, 2)))

    inserted = list(bank.transfers.order_by("pk"))
    assert [transfer.amount for transfer in inserted] == [3, 1, 2]
    saved = Transfer.objects.create(bank=bank, source_id=source, target_id=target, amount=3)
    saved.refresh_from_db()
    assert model_to_dict(inserted[0], exclude=["id"]) == model_to_dict(saved, exclude=["id"])


@pytest.mark.django_db
def test_error_a_row_that_breaks_a_rule_is_refused_as_save_would_refuse_it(open_bank):
    bank = open_bank(10, 20)
    source, _target = bank.account_pks

    with pytest.raises(IntegrityError, match="transfer_needs_two_accounts"):
        insert_many(Transfer, TRANSFER, [(bank.pk, source, source, 1)])


@pytest.mark.django_db
def test_each_row_gets_its_own_values_in_one_statement(open_bank, django_assert_num_queries):
    bank = open_bank(1, 2, 3)
    first, second, _third = bank.account_pks

    with django_assert_num_queries(1):
        update_many(Account, {"id": "bigint", "balance": "bigint"}, [(first, 10), (second, 20)])

    assert list(bank.accounts.order_by("pk").values_list("balance", flat=True)) == [10, 20, 3]


def test_nothing_to_update_asks_nothing():
    update_many(Account, {"id": "bigint", "balance": "bigint"}, [])
