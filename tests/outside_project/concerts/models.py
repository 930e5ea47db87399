"""Concerts, and how many of their seats are left."""

from django.db import models


class Concert(models.Model):
    title = models.CharField(max_length=50)
    seats_left = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.title
