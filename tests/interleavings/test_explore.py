import pytest
from django.db import transaction
from django.db.models import F

from accounts.models import Account
from interleavings import explore


def withdraw(number):
    def call():
        account = Account.objects.get(number=number)
        account.balance -= 10
        account.save()

    return call


def withdraw_f(number):
    return lambda: Account.objects.filter(number=number).update(balance=F("balance") - 10)


def withdraw_locked(number):
    def call():
        with transaction.atomic():
            account = Account.objects.select_for_update().get(number=number)
            account.balance -= 10
            account.save()
            return account.balance

    return call


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", [withdraw, withdraw_f, withdraw_locked])
def test_it(open_bank, make):
    open_bank(100, 200)
    report = explore(make(1), make(1))
    print(report.text(), report.duration_s)
