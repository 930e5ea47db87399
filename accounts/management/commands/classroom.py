"""Everything for a lesson with one command: web pages, workers and a teacher's login; Ctrl-C ends it all."""

import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.db import connection
from django_q.conf import Conf

from accounts.errors import BankError
from accounts.management.command import BankCommand
from accounts.watchdog import supervise
from accounts.workers import Cluster

TEACHER = "teacher"


class Command(BankCommand):
    help = "Start the web pages and the workers for a lesson; Ctrl-C stops both."
    examples = """
  manage.py classroom                          on this machine only: http://127.0.0.1:8000/
  manage.py classroom --address 0.0.0.0:8000   for the whole room (set ALLOWED_HOSTS to this machine's name)
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="127.0.0.1:8000", metavar="HOST:PORT", help="where to serve the pages")
        parser.add_argument("--workers", type=int, default=settings.BANK_WORKERS, metavar="N", help="worker processes")

    def handle(self, *, address: str, workers: int, **options: Any) -> None:
        if not 1 <= workers <= 64:
            raise BankError(f"--workers cannot be {workers}: choose 1 to 64.")
        self._make_teacher()
        with Cluster(queue=Conf.CLUSTER_NAME, worker_count=workers, private=False) as cluster, _supervised(cluster):
            self.console.print(f"{workers} workers are starting. The pages are at http://{address}/")
            # In this process: when it ends, in whatever way, the workers see their input close, and end as well.
            call_command("runserver", address, use_reloader=False, insecure_serving=True)

    def _make_teacher(self) -> None:
        User = get_user_model()
        if User.objects.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(9)
        User.objects.create_superuser(TEACHER, password=password)
        self.console.print(f"Login {TEACHER!r}, password {password!r}: shown this once; change it in the admin.")


@contextmanager
def _supervised(cluster: Cluster) -> Iterator[None]:
    """A watchdog looks after the workers, in a thread beside the pages."""
    over = threading.Event()

    def look_after() -> None:
        try:
            supervise(cluster, until=over, say=lambda news: print(news, file=sys.stderr, flush=True))
        finally:
            connection.close()

    thread = threading.Thread(target=look_after, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
