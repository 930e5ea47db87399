"""A transfer that is begun twice stays in the evidence."""

import pytest

from accounts import ledger
from accounts.evidence.rows import read_history
from accounts.models import AlreadyEnded, Transfer
from accounts.strategies.shared import recorder

pytestmark = pytest.mark.django_db(transaction=True)


def test_transfer_that_is_begun_twice_stays_in_the_evidence(open_bank, order, transfer_with):
    """The first delivery has debited the account and is about to credit the other; the second finds too little."""
    bank = open_bank(60, 10)
    first = order(bank, 1, 2, 50)
    second = Transfer.objects.get(pk=first.pk)
    source, target = bank.accounts.order_by("pk")
    first = recorder.begin(first, source, target)
    source.balance -= 50
    ledger.save(first, source)

    transfer_with("no_transaction", second)
    target.balance += 50
    ledger.save(first, target)
    with pytest.raises(AlreadyEnded):
        first.end(Transfer.Status.APPLIED)

    second.refresh_from_db()
    assert (second.status, second.reason) == (
        "failed",
        "It was begun twice. The second time, account 1 holds 10, and 50 was asked for.",
    )
    damage = read_history(bank).accounts_off()
    assert {pk: [part.amount for part in parts] for pk, parts in damage.items()} == {source.pk: [-50], target.pk: [50]}
