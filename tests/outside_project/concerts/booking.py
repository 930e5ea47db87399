"""Books a seat: once with a race, once without."""

from django.db import transaction

from concerts.models import Concert


def book(title: str) -> bool:
    """Whether there was a seat. Two who come together may both get the last one."""
    concert = Concert.objects.get(title=title)
    return _take_seat(concert)


@transaction.atomic
def book_locked(title: str) -> bool:
    """Whether there was a seat. The second of two waits, and reads what the first has left."""
    concert = Concert.objects.select_for_update().get(title=title)
    return _take_seat(concert)


def _take_seat(concert: Concert) -> bool:
    if concert.seats_left == 0:
        return False
    concert.seats_left -= 1
    concert.save()
    return True
