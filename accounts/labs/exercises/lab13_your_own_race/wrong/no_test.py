"""shows refutes it: "has no function session_NAME()"

The repair is right, and there is nothing that would notice if it were taken out again.
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
