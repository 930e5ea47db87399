"""Django's PostgreSQL backend, pointed at an embedded server that it starts when a connection is first wanted."""

from functools import cached_property
from typing import Any

from django.db.backends.postgresql import base

from bankproject.embedded.server import Server


class DatabaseWrapper(base.DatabaseWrapper):
    """The stock wrapper; only where to connect is learnt from the embedded server, as late as possible."""

    @cached_property
    def server(self) -> Server:
        return Server(self.settings_dict["HOST"])

    def get_new_connection(self, conn_params: dict[str, Any]):
        where = self.server.use()
        try:
            return super().get_new_connection(conn_params | where)
        except self.Database.OperationalError:
            # The server went away between our look and our connect (a restart): look once more, thoroughly.
            self.server.mark_doubtful()
            return super().get_new_connection(conn_params | self.server.use())
