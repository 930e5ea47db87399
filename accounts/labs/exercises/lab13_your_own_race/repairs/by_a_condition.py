"""Right: one UPDATE looks and takes, and its count says whether it did."""

from django.db import transaction
from django.db.models import F
from ticket_shop.models import Order, Show


def sell(name: str, customer: str, seats: int) -> bool:
    with transaction.atomic():
        enough = Show.objects.filter(name=name, seats_left__gte=seats)
        if not enough.update(seats_left=F("seats_left") - seats):
            return False
        Order.objects.create(show=Show.objects.get(name=name), customer=customer, seats=seats)
        return True
