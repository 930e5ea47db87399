"""Wrong: it takes the seats with F(), and decides by what it has read before."""

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
