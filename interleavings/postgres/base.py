"""Django's PostgreSQL backend, pointed at an embedded server that it starts when a connection is first wanted."""

from functools import cached_property
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.db.backends.postgresql import base

from interleavings.postgres.client import DatabaseClient
from interleavings.postgres.errors import INSTALL
from interleavings.postgres.folders import default_folder

try:
    from interleavings.postgres.server import Server
except ModuleNotFoundError as missing:
    if missing.name not in ("fasteners", "psutil"):
        raise
    raise ImproperlyConfigured(
        f"What the database backend interleavings.postgres needs is not installed ({missing.name}): {INSTALL}."
    ) from missing

DATABASE = "django"


class DatabaseWrapper(base.DatabaseWrapper):
    """The stock wrapper; only where to connect is learnt from the embedded server, as late as possible."""

    client_class = DatabaseClient

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        if settings_dict["NAME"] == "":  # None means the database that every server has
            settings_dict["NAME"] = DATABASE  # in place: Django derives the name of the test's database from it
        super().__init__(settings_dict, alias)

    @cached_property
    def server(self) -> Server:
        return Server(self.settings_dict["HOST"] or default_folder())

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        database = self.database_to_make()
        where = self.server.use(database)
        try:
            return super().get_new_connection(conn_params | where)
        except self.Database.OperationalError:
            # The server went away between our look and our connect (a restart): look once more, thoroughly.
            self.server.mark_doubtful()
            return super().get_new_connection(conn_params | self.server.use(database))

    def database_to_make(self) -> str:
        """The name in the settings, "" for a test's database: Django makes it itself, and expects not to find it."""
        name = self.settings_dict["NAME"] or ""
        is_for_tests = name.startswith(TEST_DATABASE_PREFIX) or name == self.settings_dict["TEST"]["NAME"]
        return "" if is_for_tests else name
