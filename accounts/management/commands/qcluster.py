"""Starts workers that wait for jobs: django-q2's own cluster, with a ready database, a watchdog and a clear end."""

import os
import threading
from typing import Any

from django.core.management.base import CommandParser
from django_q.cluster import Cluster
from django_q.conf import Conf

from accounts.cluster import orphans
from accounts.cluster import subprocesses as clusters
from accounts.errors import BankError
from accounts.management.command import BankCommand
from accounts.storms.watchdog import supervise


class Command(BankCommand):
    help = "Start workers that take jobs from the queue, until Ctrl-C; a watchdog replaces workers that hang."
    examples = """
  manage.py qcluster                 four workers, for storms launched in the admin
  manage.py qcluster --workers 8
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, help=f"how many worker processes (default: {Conf.WORKERS})")
        parser.add_argument(
            "--until-stdin-closes",
            action="store_true",
            help="be the workers, without a watchdog, and end when standard input does, with the process that holds it",
        )

    def handle(self, *, workers: int | None, until_stdin_closes: bool, **options: Any) -> None:
        if workers is not None:
            self._resize(workers)
        if until_stdin_closes:
            self._work()
        else:
            self._supervise()

    def _work(self) -> None:
        orphans.children_end_with_us()
        cluster = Cluster()
        try:
            cluster.start()
            watch = [cluster.stop_event, clusters.STOP_PATIENCE_S]
            threading.Thread(target=orphans.stop_at_end_of_input, args=watch, daemon=True).start()
            cluster.sentinel.join()
        except OSError as error:
            raise BankError(
                f"Workers cannot be started ({error.strerror or error}): look at the limit of processes (`ulimit -u`), "
                "at the memory that is free, and at /dev/shm."
            ) from error
        finally:  # start() raises if the guard dies before it has said that all are there
            if cluster.sentinel and (cluster.sentinel.exitcode or 0) < 0:  # it was killed, and its workers were not
                orphans.end_session()

    def _supervise(self) -> None:
        with clusters.Cluster(queue=Conf.CLUSTER_NAME, worker_count=Conf.WORKERS, private=False) as cluster:
            self.console.print(
                f"{Conf.WORKERS} workers wait for jobs on queue {Conf.CLUSTER_NAME!r}. Ctrl-C ends them."
            )
            supervise(cluster, until=threading.Event(), say=self.stderr.write)
        raise SystemExit(1)  # it has given up, and said why

    def _resize(self, workers: int) -> None:
        if not 1 <= workers <= 64:
            raise BankError(f"--workers cannot be {workers}: choose 1 to 64.")
        os.environ["BANK_WORKERS"] = str(workers)  # for processes that read the settings afresh (Windows)
        Conf.WORKERS = Conf.QUEUE_LIMIT = workers
