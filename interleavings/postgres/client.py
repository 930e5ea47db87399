"""`manage.py dbshell`: psql in the embedded server's database, started if need be."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import client

from interleavings.postgres import programs


class DatabaseClient(client.DatabaseClient):
    """Django's client, with the psql that came with the server; one on the PATH, if that package has none."""

    def runshell(self, parameters: Iterable[str]) -> None:
        """Run psql to its end; the server stays as long. Raises FileNotFoundError where there is no psql at all."""
        wrapper: Any = self.connection
        wrapper.ensure_connection()  # which starts the server, and makes the database
        where = {name.upper(): value for name, value in wrapper.server.connection_params().items()}
        settings = {**wrapper.settings_dict, **where}
        (_program, *arguments), environment = self.settings_to_cmd_args_env(settings, parameters)
        psql = shutil.which(self.executable_name, path=str(programs.folder())) or self.executable_name
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is psql's: it cancels a statement
        try:
            subprocess.run([psql, *arguments], env={**os.environ, **(environment or {})}, check=True)
        finally:
            signal.signal(signal.SIGINT, before)
