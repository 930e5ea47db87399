"""Races that people reported of real projects: the wrong version is found, its repair is proved, nothing is told."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from interleavings import explore
from tests.interleavings.samples import races
from tests.interleavings.samples.models import (
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

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.interleavings.samples.urls")]

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
    return partial(colour, "new", colour="red"), partial(colour, "new", uses=1)


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
    first, second, third = (Song.objects.create(place=place).pk for place in (1, 2, 3))
    return partial(swap, first, second), partial(swap, second, third)


def order(pay: Callable) -> Calls:
    pk = Order.objects.create(total=10).pk
    return partial(pay, pk), partial(pay, pk)


def view(query: str) -> Calls:
    Voucher.objects.create(code="X")
    return tuple(partial(Client().get, f"/redeem/X/?customer={customer}{query}") for customer in ("anna", "ben"))


@pytest.mark.parametrize(
    ("arrange", "wrong"),
    [
        (votes, [races.vote]),
        (votes, [races.vote_in_the_database]),
        (votes, [races.vote_locked]),
        (stock, [races.allocate]),
        (stock, [races.allocate_locked]),
        (voucher, [races.redeem]),
        (voucher, [races.redeem_with_its_redemptions_locked]),
        (voucher, [races.redeem_with_the_voucher_locked]),
        (card, [races.spend_with_an_unevaluated_lock]),
        (card, [races.spend_locked]),
        (name, [races.project_named]),
        (name, [races.tag_named]),
        (tag, [races.colour_tag]),
        (tag, [races.colour_tag_locked]),
        (address, [races.next_address]),
        (address, [races.next_address_with_an_advisory_lock]),
        (account, [races.rename, races.change_plan]),
        (account, [races.rename_only, races.change_plan_only]),
        (submission, [races.accept_a_stale_instance, races.withdraw_a_stale_instance]),
        (submission, [races.accept, races.withdraw]),
        (songs, [races.swap]),
        (songs, [races.swap_in_order]),
        (order, [races.pay]),
        (order, [races.pay_once]),
        (view, [""]),
        (view, ["&locked=1"]),
    ],
)
def test_print(arrange, wrong):
    report = explore(*arrange(*wrong))
    print()
    print(
        getattr(wrong[0], "__name__", wrong[0]),
        f"{report.anomaly_count} of {report.schedules}",
        "run",
        report.run,
        report.refused,
        report.ignored_columns,
        round(report.duration_s, 2),
        f"{1000 * report.duration_s / (report.run + 4):.1f} ms",
    )
