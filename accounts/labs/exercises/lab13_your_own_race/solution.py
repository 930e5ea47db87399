"""The test sells more than there is, to two customers who have bought nothing yet; the repair locks the show first."""

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


def setup() -> None:
    Show.objects.create(name="Hamlet", seats_left=3)


def session_anna() -> bool:
    return sell("Hamlet", "anna", 2)


def session_ben() -> bool:
    return sell("Hamlet", "ben", 2)
