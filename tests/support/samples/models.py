"""The tables of the sample project: a poll, a shop, a network, a diary, a playlist."""

import uuid

from django.db import models


class Choice(models.Model):
    """An answer of a poll."""

    text = models.CharField(max_length=50)
    votes = models.IntegerField(default=0)


class Stock(models.Model):
    """How many of a product there are, and how many of these are promised to orders."""

    in_stock = models.IntegerField()
    allocated = models.IntegerField(default=0)


class Voucher(models.Model):
    """May be used once."""

    code = models.CharField(max_length=20, unique=True)


class Redemption(models.Model):
    """One use of a voucher."""

    voucher = models.ForeignKey(Voucher, models.CASCADE)
    customer = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)
    token = models.UUIDField(default=uuid.uuid4)


class GiftCard(models.Model):
    """Money that can be spent."""

    balance = models.IntegerField()


class Project(models.Model):
    """A project, found by its name; nothing in the database keeps two of one name apart."""

    name = models.CharField(max_length=50)


class Tag(models.Model):
    """A tag, found by its name; the database keeps names unique."""

    name = models.CharField(max_length=50, unique=True)
    colour = models.CharField(max_length=20, default="")
    uses = models.IntegerField(default=0)


class Address(models.Model):
    """A number of a network that is taken."""

    number = models.IntegerField()


class Account(models.Model):
    """An account of a service: who pays how much, and under which name."""

    display_name = models.CharField(max_length=50)
    plan = models.CharField(max_length=20)


class Submission(models.Model):
    """A talk that was handed in: accepted once, then confirmed."""

    state = models.CharField(max_length=20, default="submitted")
    log = models.TextField(default="")


class Song(models.Model):
    """A place in a playlist."""

    place = models.IntegerField()


class Order(models.Model):
    """An order, paid once."""

    total = models.IntegerField()
    paid = models.BooleanField(default=False)


class Mail(models.Model):
    """A letter that was sent when something was committed."""

    text = models.CharField(max_length=50)
