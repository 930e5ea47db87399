"""Starts workers that wait for jobs: django-q2's own command, with a ready database and a clear end."""

import os
import sys
import threading
from typing import Any

from django.core.management.base import CommandParser
from django_q.cluster import Cluster
from django_q.conf import Conf

from accounts.errors import BankError
from accounts.management.command import BankCommand


class Command(BankCommand):
    help = "Start workers that take jobs from the queue, until Ctrl-C."
    examples = """
  manage.py qcluster                 four workers, for storms launched in the admin
  manage.py qcluster --workers 8
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, help=f"how many worker processes (default: {Conf.WORKERS})")
        parser.add_argument(
            "--until-stdin-closes",
            action="store_true",
            help="end also when standard input does, that is, with the process that started us",
        )

    def handle(self, *, workers: int | None, until_stdin_closes: bool, **options: Any) -> None:
        if workers is not None:
            self._resize(workers)
        cluster = Cluster()
        cluster.start()
        if until_stdin_closes:
            threading.Thread(target=_stop_at_end_of_input, args=[cluster.stop_event], daemon=True).start()
        else:
            self.console.print(
                f"{Conf.WORKERS} workers wait for jobs on queue {Conf.CLUSTER_NAME!r}. Ctrl-C ends them."
            )
        cluster.sentinel.join()

    def _resize(self, workers: int) -> None:
        if not 1 <= workers <= 64:
            raise BankError(f"--workers cannot be {workers}: choose 1 to 64.")
        os.environ["BANK_WORKERS"] = str(workers)  # for processes that read the settings afresh (Windows)
        Conf.WORKERS = Conf.QUEUE_LIMIT = workers


def _stop_at_end_of_input(stop_event: Any) -> None:
    sys.stdin.buffer.read()
    stop_event.set()
