import time

import pytest

from accounts.models import Account, Bank
from interleavings.database.snapshot import Snapshot

pytestmark = pytest.mark.django_db(transaction=True)


def rows():
    return list(Account.objects.order_by("pk").values()), list(Bank.objects.order_by("pk").values())


def test_success_everything_is_set_back(open_bank):
    bank = open_bank(100, 200, 300)
    before = rows()

    with Snapshot() as snapshot:
        Account.objects.filter(number=1).update(balance=5)
        Account.objects.filter(number=3).delete()
        new = Bank.objects.create(name="other", opening_total=3)
        Account.objects.create(bank=new, number=1, opening_balance=3, balance=3)
        assert [t.name for t in snapshot.changed()] == ["accounts_bank", "accounts_account"]
        assert len(snapshot.read(snapshot.changed())["accounts_account"]) == 3
        snapshot.set_back()
        assert snapshot.changed() == []
        assert rows() == before
        t = time.perf_counter()
        for _ in range(100):
            snapshot.set_back()
        print("set back nothing", (time.perf_counter() - t) * 10, "ms")
        t = time.perf_counter()
        for _ in range(100):
            Account.objects.filter(number=1).update(balance=5)
            snapshot.read(snapshot.changed())
            snapshot.set_back()
        print("set back one", (time.perf_counter() - t) * 10, "ms", len(snapshot.tables))
    assert rows() == before
    assert Bank.objects.create(name="next", opening_total=1).pk == bank.pk + 1
