"""Each race of the sample project as a case: the rows that it needs, the calls, and how often it goes wrong.

Of a wrong version it is known how many of how many schedules go wrong, and what the field calls it. A repair has none.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.test import Client

from tests.support.samples import races
from tests.support.samples.models import Account, Address, Choice, GiftCard, Order, Song, Stock, Submission, Voucher

Calls = tuple[Callable[[], Any], Callable[[], Any]]


class Case(NamedTuple):
    """A version of a race: `arrange(*functions)` makes the rows, and returns the two calls."""

    arrange: Callable[..., Calls]
    functions: Sequence[Any]
    wrong: int = 0  #: how many of its schedules end as no serial order does
    of: int | None = None  #: how many schedules it has; None: not looked at
    anomaly: str = ""  #: what the field calls it

    def __str__(self) -> str:
        """The functions' names."""
        return " and ".join(getattr(one, "__name__", f"view{one}") for one in self.functions)

    def calls(self) -> Calls:
        """The two calls; their rows are made."""
        return self.arrange(*self.functions)


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
    Case(votes, [races.vote], 4, 6, "lost update"),
    Case(stock, [races.allocate], 12, 14, "lost update"),
    Case(voucher, [races.redeem], 60, 70, "phantom"),
    Case(voucher, [races.redeem_with_its_redemptions_locked], 60, 70, "phantom"),
    Case(card, [races.spend_with_an_unevaluated_lock], 12, 14, "lost update"),
    Case(name, [races.project_named], 18, 20, "duplicate"),
    Case(tag, [races.colour_tag], 111, 175, "lost update"),
    Case(address, [races.next_address], 18, 20, "duplicate"),
    Case(account, [races.rename, races.change_plan], 4, 6, "lost update"),
    Case(submission, [races.accept_a_stale_instance, races.withdraw_a_stale_instance], 17, 19, "lost update"),
    Case(songs, [races.swap], 16, 42, "lost update"),
    Case(order, [races.pay], 4, 6, "lost update"),
    Case(view, [""], 200, 242, "phantom"),
]
REPAIRED = [
    Case(votes, [races.vote_in_the_database]),
    Case(votes, [races.vote_locked]),
    Case(stock, [races.allocate_locked]),
    Case(voucher, [races.redeem_with_the_voucher_locked]),
    Case(card, [races.spend_locked]),
    Case(name, [races.tag_named]),
    Case(tag, [races.colour_tag_locked]),
    Case(address, [races.next_address_with_an_advisory_lock]),
    Case(account, [races.rename_only, races.change_plan_only]),
    Case(submission, [races.accept, races.withdraw]),
    Case(songs, [races.swap_in_order]),
    Case(order, [races.pay_once]),
    Case(view, ["&locked=1"]),
]
