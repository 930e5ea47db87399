"""A scratch bank leaves nothing behind, however its block ends."""

import pytest
from django.db import connection

from accounts.explorer.scratch_bank import ScratchBank
from accounts.models import Bank
from accounts.models.opening import Order

pytestmark = pytest.mark.django_db(transaction=True)


def test_interrupt_between_a_statement_and_its_answer_leaves_no_bank():
    def send_and_be_interrupted() -> None:
        """Before the answer is waited for, which psycopg would cancel."""
        connection.connection.pgconn.send_query(b"SELECT 1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ScratchBank(2, [Order(1, 2, 30)]):
        send_and_be_interrupted()

    assert not Bank.objects.exists()


def test_error_in_a_block_leaves_no_bank():
    with pytest.raises(ValueError, match="mine"), ScratchBank(2, [Order(1, 2, 30)]):
        raise ValueError("mine")

    assert not Bank.objects.exists()
