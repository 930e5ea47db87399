"""accepts refutes it: "Your test fails on your repair"

The test has a copy of the old code in it, so it fails whatever becomes of `sell`.
"""

from django.db import transaction
from ticket_shop.models import Order, Show


def sell(name: str, customer: str, seats: int) -> bool:
    with transaction.atomic():
        show = Show.objects.select_for_update().get(name=name)
        if show.seats_left < seats:
            return False
        show.seats_left -= seats
        show.save()
        Order.objects.create(show=show, customer=customer, seats=seats)
        return True


def sell_as_before(name: str, customer: str, seats: int) -> bool:
    with transaction.atomic():
        show = Show.objects.get(name=name)
        if show.seats_left < seats:
            return False
        show.seats_left -= seats
        show.save()
        Order.objects.create(show=show, customer=customer, seats=seats)
        return True


def setup() -> None:
    Show.objects.create(name="Hamlet", seats_left=3)


def session_anna() -> bool:
    return sell_as_before("Hamlet", "anna", 2)


def session_ben() -> bool:
    return sell_as_before("Hamlet", "ben", 2)
