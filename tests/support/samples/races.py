"""The racing functions and their repairs. Each names where its shape was reported; the code is our own."""

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max

from tests.support.samples.models import (
    Account,
    Address,
    Choice,
    GiftCard,
    Mail,
    Order,
    Project,
    Redemption,
    Song,
    Stock,
    Submission,
    Tag,
    Voucher,
)

# A counter of votes (Django's tutorial until pull request 4756).


def vote(pk: int) -> None:
    choice = Choice.objects.get(pk=pk)
    choice.votes += 1
    choice.save()


def vote_in_the_database(pk: int) -> None:
    Choice.objects.filter(pk=pk).update(votes=F("votes") + 1)


def vote_locked(pk: int) -> None:
    with transaction.atomic():
        choice = Choice.objects.select_for_update().get(pk=pk)
        choice.votes += 1
        choice.save()


# Stock that is promised to orders (django-oscar, issue 2102).


def allocate(pk: int, quantity: int) -> bool:
    with transaction.atomic():
        stock = Stock.objects.get(pk=pk)
        if stock.in_stock - stock.allocated < quantity:
            return False
        stock.allocated += quantity
        stock.save()
        return True


def allocate_locked(pk: int, quantity: int) -> bool:
    with transaction.atomic():
        stock = Stock.objects.select_for_update().get(pk=pk)
        if stock.in_stock - stock.allocated < quantity:
            return False
        stock.allocated += quantity
        stock.save()
        return True


# A voucher that may be used once (django-oscar, issue 2101).


def redeem(code: str, customer: str) -> bool:
    with transaction.atomic():
        voucher = Voucher.objects.get(code=code)
        if Redemption.objects.filter(voucher=voucher).exists():
            return False
        Redemption.objects.create(voucher=voucher, customer=customer)
        return True


def redeem_with_its_redemptions_locked(code: str, customer: str) -> bool:
    with transaction.atomic():
        voucher = Voucher.objects.get(code=code)
        if list(Redemption.objects.select_for_update().filter(voucher=voucher)):
            return False
        Redemption.objects.create(voucher=voucher, customer=customer)
        return True


def redeem_with_the_voucher_locked(code: str, customer: str) -> bool:
    with transaction.atomic():
        voucher = Voucher.objects.select_for_update().get(code=code)
        if Redemption.objects.filter(voucher=voucher).exists():
            return False
        Redemption.objects.create(voucher=voucher, customer=customer)
        return True


# A lock that is never taken, as its queryset is never evaluated (saleor, pull request 19615).


def spend_with_an_unevaluated_lock(pk: int, amount: int) -> bool:
    with transaction.atomic():
        GiftCard.objects.select_for_update().filter(pk=pk)
        card = GiftCard.objects.get(pk=pk)
        if card.balance < amount:
            return False
        card.balance -= amount
        card.save()
        return True


def spend_locked(pk: int, amount: int) -> bool:
    with transaction.atomic():
        card = GiftCard.objects.select_for_update().get(pk=pk)
        if card.balance < amount:
            return False
        card.balance -= amount
        card.save()
        return True


# get_or_create without a unique constraint (readthedocs.org, issue 7727).


def project_named(name: str) -> None:
    Project.objects.get_or_create(name=name)


def tag_named(name: str) -> None:
    Tag.objects.get_or_create(name=name)


# update_or_create as it was until Django's pull request 10252: the row that another one created is not locked.


def colour_tag(name: str, **values: object) -> None:
    with transaction.atomic():
        try:
            tag = Tag.objects.select_for_update().get(name=name)
        except Tag.DoesNotExist:
            try:
                with transaction.atomic():
                    Tag.objects.create(name=name, **values)
                return
            except IntegrityError:
                tag = Tag.objects.get(name=name)
        for field, value in values.items():
            setattr(tag, field, value)
        tag.save()


def colour_tag_locked(name: str, **values: object) -> None:
    Tag.objects.update_or_create(name=name, defaults=values)


# The next free address of a network (netbox, issue 2519).


def next_address() -> int:
    with transaction.atomic():
        number = (Address.objects.aggregate(Max("number"))["number__max"] or 0) + 1
        Address.objects.create(number=number)
        return number


def next_address_with_an_advisory_lock() -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [2519])
        number = (Address.objects.aggregate(Max("number"))["number__max"] or 0) + 1
        Address.objects.create(number=number)
        return number


# save() writes all columns, also those that another one has changed (thunderbird-accounts, pull request 951).


def rename(pk: int, name: str) -> None:
    account = Account.objects.get(pk=pk)
    account.display_name = name
    account.save()


def change_plan(pk: int, plan: str) -> None:
    account = Account.objects.get(pk=pk)
    account.plan = plan
    account.save()


def rename_only(pk: int, name: str) -> None:
    account = Account.objects.get(pk=pk)
    account.display_name = name
    account.save(update_fields=["display_name"])


def change_plan_only(pk: int, plan: str) -> None:
    account = Account.objects.get(pk=pk)
    account.plan = plan
    account.save(update_fields=["plan"])


# An instance that was read before the transaction began (pretalx, issue 2392).


def accept_a_stale_instance(pk: int) -> bool:
    submission = Submission.objects.get(pk=pk)
    with transaction.atomic():
        if submission.state != "submitted":
            return False
        submission.state, submission.log = "accepted", f"{submission.log}accepted "
        submission.save()
        Mail.objects.create(text="accepted")
        return True


def withdraw_a_stale_instance(pk: int) -> bool:
    submission = Submission.objects.get(pk=pk)
    with transaction.atomic():
        if submission.state == "withdrawn":
            return False
        submission.state, submission.log = "withdrawn", f"{submission.log}withdrawn "
        submission.save()
        return True


def accept(pk: int) -> bool:
    with transaction.atomic():
        submission = Submission.objects.select_for_update().get(pk=pk)
        if submission.state != "submitted":
            return False
        submission.state, submission.log = "accepted", f"{submission.log}accepted "
        submission.save()
        Mail.objects.create(text="accepted")
        return True


def withdraw(pk: int) -> bool:
    with transaction.atomic():
        submission = Submission.objects.select_for_update().get(pk=pk)
        if submission.state == "withdrawn":
            return False
        submission.state, submission.log = "withdrawn", f"{submission.log}withdrawn "
        submission.save()
        return True


# Two moves in an ordered list lock its rows in different orders (django-ordered-model, issue 184).


def swap(first: int, second: int) -> None:
    """Two songs change places."""
    with transaction.atomic():
        places = dict(Song.objects.filter(pk__in=[first, second]).values_list("pk", "place"))
        Song.objects.filter(pk=first).update(place=places[second])
        Song.objects.filter(pk=second).update(place=places[first])


def swap_in_order(first: int, second: int) -> None:
    with transaction.atomic():
        songs = {song.pk: song for song in Song.objects.select_for_update().order_by("pk")}
        one, other = songs[first], songs[second]
        one.place, other.place = other.place, one.place
        one.save()
        other.save()


# An order that is paid twice, though the table ends right.


def pay(pk: int) -> bool:
    order = Order.objects.get(pk=pk)
    if order.paid:
        return False
    Order.objects.filter(pk=pk).update(paid=True)
    return True


def pay_once(pk: int) -> bool:
    return bool(Order.objects.filter(pk=pk, paid=False).update(paid=True))
