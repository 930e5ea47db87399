"""The one app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from accounts.db.application_name import name_process
from accounts.db.isolation import set_read_committed
from accounts.db.timeouts import remove_time_limits
from accounts.permissions import make_groups


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Torn Totals"

    def ready(self) -> None:
        from django_q.signals import post_spawn  # it needs models, and these need apps

        connection_created.connect(set_read_committed)
        connection_created.connect(remove_time_limits)
        post_migrate.connect(make_groups, sender=self)
        post_spawn.connect(name_process)
