"""An even choice of what is drawn: by one rule, in Python and in SQL alike."""

from itertools import pairwise

import pytest
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, Bank
from accounts.reporting.even_choice import choose, is_chosen


@given(count=st.integers(0, 400), room=st.integers(1, 100))
def test_choice_fills_the_room_and_its_gaps_are_even(count, room):
    chosen = choose(range(count), room=room)

    assert len(chosen) == min(count, room)
    gaps = {later - earlier for earlier, later in pairwise(chosen)}
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert chosen[:1] == list(range(count))[:1]


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "room"), [(7, 3), (100, 99), (100, 7), (5, 5), (3, 10)])
def test_sql_chooses_as_python_does(count, room):
    bank = Bank.objects.create(name="many", opening_total=count)
    Account.objects.bulk_create(
        Account(bank=bank, number=number, opening_balance=0, balance=0) for number in range(count)
    )

    rows = bank.accounts.filter(is_chosen(F("number"), F("bank__opening_total"), room=room))

    assert sorted(rows.values_list("number", flat=True)) == choose(range(count), room=room)
