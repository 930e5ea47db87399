"""A DO block locks a row that no text outside it names."""

from django.db import connection, transaction

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    _one, two = bank.account_pks
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN PERFORM 1 FROM accounts_account WHERE id = {two} FOR UPDATE; END $$")
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
