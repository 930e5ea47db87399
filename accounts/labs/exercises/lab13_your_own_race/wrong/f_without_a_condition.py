"""repaired refutes it: "more seats are sold than there are"

No update is lost, and the seats go below zero: who decides by an old reading decides wrongly.
"""

from django.db import transaction
from django.db.models import F
from ticket_shop.models import Order, Show


def sell(name: str, customer: str, seats: int) -> bool:
    with transaction.atomic():
        show = Show.objects.get(name=name)
        if show.seats_left < seats:
            return False
        Show.objects.filter(pk=show.pk).update(seats_left=F("seats_left") - seats)
        Order.objects.create(show=show, customer=customer, seats=seats)
        return True


def setup() -> None:
    Show.objects.create(name="Hamlet", seats_left=3)


def session_anna() -> bool:
    return sell("Hamlet", "anna", 2)


def session_ben() -> bool:
    return sell("Hamlet", "ben", 2)
