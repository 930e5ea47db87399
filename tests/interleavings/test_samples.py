"""Races that people reported of real projects: the wrong version is found, its repair is proved, nothing is told."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.test import Client

from interleavings import explore
from tests.support.samples import races
from tests.support.samples.models import (
    Account,
    Address,
    Choice,
    GiftCard,
    Order,
    Song,
    Stock,
    Submission,
    Voucher,
)
from tests.support.thorough import THOROUGH

TIMES = 30 if THOROUGH else 2  # no miss, and no false alarm, however often it is run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.support.samples.urls")]

Calls = tuple[Callable[[], Any], Callable[[], Any]]


def votes(vote: Callable) -> Calls:
    pk = Choice.objects.create(text="yes").pk
    return partial(vote, pk), partial(vote, pk)


def stock(allocate: Callable) -> Calls:
    pk = Stock.objects.create(in_stock=5).pk
    return partial(allocate, pk, 3), partial(allocate, pk, 4)


def voucher(redeem: Callable) -> Calls:
    Voucher.objects.create(code="X")
    return partial(redeem, "X", "anna"), partial(redeem, "X", "ben")


def card(spend: Callable) -> Calls:
    pk = GiftCard.objects.create(balance=100).pk
    return partial(spend, pk, 70), partial(spend, pk, 60)


def name(create: Callable) -> Calls:
    return partial(create, "new"), partial(create, "new")


def tag(colour: Callable) -> Calls:
    """The second call makes the tag that the first one finds missing, and changes it before the first one does."""

    def make_and_use() -> None:
        colour("new")
        colour("new", uses=1)

    return partial(colour, "new", colour="red"), make_and_use


def address(take: Callable) -> Calls:
    Address.objects.create(number=1)
    return take, take


def account(rename: Callable, change_plan: Callable) -> Calls:
    pk = Account.objects.create(display_name="old", plan="free").pk
    return partial(rename, pk, "new"), partial(change_plan, pk, "paid")


def submission(accept: Callable, withdraw: Callable) -> Calls:
    pk = Submission.objects.create().pk
    return partial(accept, pk), partial(withdraw, pk)


def songs(swap: Callable) -> Calls:
    first, second = (Song.objects.create(place=place).pk for place in (1, 2))
    return partial(swap, first, second), partial(swap, second, first)


def order(pay: Callable) -> Calls:
    pk = Order.objects.create(total=10).pk
    return partial(pay, pk), partial(pay, pk)


def view(query: str) -> Calls:
    Voucher.objects.create(code="X")
    return tuple(partial(Client().get, f"/redeem/X/?customer={customer}{query}") for customer in ("anna", "ben"))


WRONG = [
    (votes, [races.vote], 4, 6, "lost update"),
    (stock, [races.allocate], 12, 14, "lost update"),
    (voucher, [races.redeem], 60, 70, "phantom"),
    (voucher, [races.redeem_with_its_redemptions_locked], 60, 70, "phantom"),
    (card, [races.spend_with_an_unevaluated_lock], 12, 14, "lost update"),
    (name, [races.project_named], 18, 20, "duplicate"),
    (tag, [races.colour_tag], 111, 175, "lost update"),
    (address, [races.next_address], 18, 20, "duplicate"),
    (account, [races.rename, races.change_plan], 4, 6, "lost update"),
    (submission, [races.accept_a_stale_instance, races.withdraw_a_stale_instance], 17, 19, "lost update"),
    (songs, [races.swap], 16, 42, "lost update"),
    (order, [races.pay], 4, 6, "lost update"),
    (view, [""], 200, 242, "phantom"),
]
REPAIRED = [
    (votes, [races.vote_in_the_database]),
    (votes, [races.vote_locked]),
    (stock, [races.allocate_locked]),
    (voucher, [races.redeem_with_the_voucher_locked]),
    (card, [races.spend_locked]),
    (name, [races.tag_named]),
    (tag, [races.colour_tag_locked]),
    (address, [races.next_address_with_an_advisory_lock]),
    (account, [races.rename_only, races.change_plan_only]),
    (submission, [races.accept, races.withdraw]),
    (songs, [races.swap_in_order]),
    (order, [races.pay_once]),
    (view, ["&locked=1"]),
]


def shape(value: object) -> str:
    """The names of the functions, for the test's own name."""
    return " and ".join(getattr(one, "__name__", str(one)) for one in value) if isinstance(value, list) else ""


@pytest.mark.parametrize(("arrange", "functions", "wrong", "of", "anomaly"), WRONG, ids=shape)
def test_success_race_is_found_and_named(arrange, functions, wrong, of, anomaly):
    calls = arrange(*functions)

    for _ in range(TIMES):
        report = explore(*calls)
        assert report.exhaustive
        assert (report.anomaly_count, report.schedules) == (wrong, of)
        assert anomaly in report.anomalies[0].names
        with pytest.raises(AssertionError, match=f"{wrong} of {of} schedules end as no serial order"):
            report.assert_serializable()


@pytest.mark.parametrize(("arrange", "functions"), REPAIRED, ids=shape)
def test_success_repair_is_proved(arrange, functions):
    calls = arrange(*functions)

    for _ in range(TIMES):
        explore(*calls).assert_serializable()


def test_success_deadlock_is_counted_and_fails_unless_it_is_allowed():
    """Each moves one song: alone, neither loses anything; together they lock two rows in two orders."""
    first, second = (Song.objects.create(place=place).pk for place in (1, 2))

    def touch(*pks: int) -> None:
        with transaction.atomic():
            for pk in pks:
                Song.objects.filter(pk=pk).update(place=F("place") + 1)

    report = explore(partial(touch, first, second), partial(touch, second, first))

    assert (report.anomaly_count, report.refused) == (0, {"40P01": 8})
    report.assert_serializable(allow=["deadlock"])
    with pytest.raises(AssertionError, match="deadlock in 8"):
        report.assert_serializable()


@pytest.mark.parametrize(("arrange", "functions"), [(one[0], one[1]) for one in [*WRONG, *REPAIRED]], ids=shape)
def test_success_pruning_changes_no_count(arrange, functions):
    """The whole tree is run, and the pruned one counts the same."""
    calls = arrange(*functions)
    pruned, whole = explore(*calls), explore(*calls, prune=False)

    assert whole.run == whole.schedules
    assert (pruned.schedules, pruned.anomaly_count, pruned.refused) == (
        whole.schedules,
        whole.anomaly_count,
        whole.refused,
    )
