"""Shows, and the orders of their seats."""

from django.db import models


class Show(models.Model):
    """One evening, with so many seats that are still to be had."""

    name = models.CharField(max_length=50, unique=True)
    seats_left = models.IntegerField()

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """Seats that a customer has bought."""

    show = models.ForeignKey(Show, models.CASCADE)
    customer = models.CharField(max_length=50)
    seats = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.seats} for {self.customer}"
