"""`manage.py` as its user starts it: a process of its own, on the test's database."""

import os
import signal
import subprocess
import sys

from django.conf import settings
from django.db import connection


def manage(*arguments: str, **options) -> subprocess.Popen:
    """Start `manage.py ...`; `env` adds to the environment."""
    return subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", *arguments],
        env=os.environ | {"BANK_DATABASE_NAME": connection.settings_dict["NAME"]} | options.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Where the tests run in the background of a script, SIGINT is ignored, and children inherit that.
        preexec_fn=None if os.name == "nt" else lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    """Wait for its end: exit status, what it wrote, what it wrote to stderr."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def server_url(*, options: str = "", **changes: str) -> str:
    """The embedded server, named as somebody's own server would be."""
    params = {**connection.server.connection_params(), "database": connection.settings_dict["NAME"], **changes}
    return "postgres://{user}:{password}@/{database}?host={host}".format(**params) + options
