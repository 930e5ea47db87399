"""Ordinary ORM code has few schedules that differ: of hundreds of thousands, fewer than a hundred are run."""

from collections.abc import Callable
from math import comb

import pytest
from django.db import transaction
from django.db.models import F, Sum

from interleavings import Report, explore
from tests.support.samples.models import GiftCard, Redemption, Song, Stock, Tag, Voucher

pytestmark = pytest.mark.django_db(transaction=True)

Call = Callable[[], None]


def purchase(name: str) -> Call:
    """Ten ordinary statements on rows that only this call uses; into two of the tables, each call puts a row."""
    voucher_pk = Voucher.objects.create(code=name).pk
    card = GiftCard.objects.filter(pk=GiftCard.objects.create(balance=10).pk)
    song_pk = Song.objects.create(place=1).pk

    def buy() -> None:
        voucher = Voucher.objects.get(pk=voucher_pk)
        if not Redemption.objects.filter(voucher=voucher).exists():
            Redemption.objects.create(voucher=voucher, customer=name)
        assert list(Redemption.objects.filter(voucher__code=name).select_related("voucher"))
        card.aggregate(Sum("balance"))
        card.update(balance=F("balance") - 1)
        song = Song.objects.get(pk=song_pk)
        song.place += 1
        song.save()
        Tag.objects.get_or_create(name=name)

    return buy


def step_count(report: Report) -> int:
    """How many steps one of two equal calls takes."""
    return len(report.endings[0].steps) // 2


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("wrap", [lambda call: call, transaction.atomic], ids=["autocommit", "atomic"])
def test_success_ten_statements_on_different_rows_need_fewer_than_100_runs(wrap):
    report = explore(*(wrap(purchase(name)) for name in ("anna", "ben")))

    report.assert_serializable()
    assert step_count(report) >= 10
    assert report.schedules == comb(2 * step_count(report), step_count(report))
    assert report.run < 100


def test_success_behind_an_early_lock_on_a_shared_row_only_the_wait_for_it_is_left():
    """The second call may begin to wait before or after the statements of the first one: it makes no difference."""
    stock_pk = Stock.objects.create(in_stock=1).pk

    def behind_a_lock(call: Call) -> Call:
        @transaction.atomic
        def locked() -> None:
            Stock.objects.select_for_update().get(pk=stock_pk)
            call()

        return locked

    report = explore(*(behind_a_lock(purchase(name)) for name in ("anna", "ben")))

    report.assert_serializable()
    assert report.schedules == 2 * step_count(report)
    assert report.run == 4  # either call is the first, and the other one waits for it, or comes when it has ended


def test_success_calls_that_share_no_table_are_run_once():
    card = GiftCard.objects.create(balance=10)
    song = Song.objects.create(place=1)

    @transaction.atomic
    def spend() -> None:
        GiftCard.objects.filter(pk=card.pk).update(balance=F("balance") - 1)
        assert GiftCard.objects.filter(balance__gte=0).exists()
        list(Redemption.objects.filter(voucher__code="X").select_related("voucher"))

    @transaction.atomic
    def move() -> None:
        Song.objects.filter(pk=song.pk).update(place=F("place") + 1)
        list(Redemption.objects.filter(voucher__code="X").select_related("voucher"))

    report = explore(spend, move)

    assert (report.schedules, report.run) == (comb(7, 3), 1)
