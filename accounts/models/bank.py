"""A bank and its accounts. Money moves only between them, so that their total never changes."""

from functools import cached_property

from django.db import models
from django.db.models import Q, Sum


class Bank(models.Model):
    """A closed bank: its total at opening is its total for ever, unless a race makes or loses money."""

    name = models.CharField(max_length=200)
    opening_total = models.BigIntegerField(help_text="The sum of the accounts when the bank opened.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def total(self) -> int:
        """What the accounts add up to now: one SELECT, so one snapshot."""
        return self.accounts.aggregate(total=Sum("balance"))["total"] or 0

    @property
    def drift(self) -> int:
        """How much more that is than at the opening; 0 while the bank has no accounts yet. One SELECT."""
        total: int | None = self.accounts.aggregate(total=Sum("balance"))["total"]
        return 0 if total is None else total - self.opening_total

    def load_account_pks(self) -> None:
        """Read `account_pks` now. Threads that share this object would otherwise each read it."""
        _ = self.account_pks

    @cached_property
    def account_pks(self) -> list[int]:
        """The primary keys of the accounts, in order, as they were when this object was first asked: read once.

        A storm opens no accounts. Where an account may be opened meanwhile (lab 11), this list is old: ask `accounts`.
        """
        return list(self.accounts.order_by("pk").values_list("pk", flat=True))


class Account(models.Model):
    """Money of one owner, and the id of the transfer that wrote the balance: who wrote it is how we explain it."""

    bank = models.ForeignKey(Bank, models.CASCADE, related_name="accounts")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... within its bank.")
    opening_balance = models.BigIntegerField()
    balance = models.BigIntegerField()
    # The version token. No foreign key: its check would take locks of its own on the transfers.
    last_transfer = models.BigIntegerField(
        null=True, blank=True, help_text="The transfer that wrote this balance; empty since the opening."
    )
    replaced_transfer = models.BigIntegerField(
        null=True, blank=True, help_text="The token before that one; kept where the new balance is an expression."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank", "number"], name="account_number_is_unique_in_its_bank"),
            # Transfers refer to both, which is how the database knows that theirs are accounts of one bank.
            models.UniqueConstraint(fields=["bank", "id"], name="account_bank_and_id"),
            models.CheckConstraint(
                name="account_is_never_overdrawn",
                condition=Q(balance__gte=0, opening_balance__gte=0),
                violation_error_message="An account cannot hold less than 0: choose a smaller amount.",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.number}"
