"""The one app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.groups import make_groups


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Torn Totals"

    def ready(self) -> None:
        post_migrate.connect(make_groups, sender=self)
