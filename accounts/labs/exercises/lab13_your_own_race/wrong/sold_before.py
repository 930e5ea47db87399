"""other_rows refutes it: "locks the orders of the show"

There is an order already, and with it a row on which a wrong lock works. At the opening there is none.
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


def setup() -> None:
    show = Show.objects.create(name="Hamlet", seats_left=3)
    Order.objects.create(show=show, customer="carl", seats=1)


def session_anna() -> bool:
    return sell("Hamlet", "anna", 2)


def session_ben() -> bool:
    return sell("Hamlet", "ben", 2)
