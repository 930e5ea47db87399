"""Everything for a lesson with one command: web pages, workers and a teacher's login; Ctrl-C ends it all."""

import re
import secrets
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db import connection
from django_q.conf import Conf
from waitress import create_server

from accounts.cluster.subprocesses import Cluster
from accounts.errors import BankError
from accounts.management.command import BankCommand
from accounts.permissions import TEACHER
from accounts.storms.watchdog import supervise
from bankproject.wsgi import application

ANY_HOST = "0.0.0.0"
THREADS = 8  # pages served at once


class Command(BankCommand):
    help = "Start the web pages and the workers for a lesson; Ctrl-C stops both."
    examples = """
  manage.py classroom                          on this machine only: http://127.0.0.1:8000/
  manage.py classroom --address 0.0.0.0:8000   for the whole room, under this machine's addresses
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="127.0.0.1:8000", metavar="HOST:PORT", help="where to serve the pages")
        parser.add_argument("--workers", type=int, default=settings.BANK_WORKERS, metavar="N", help="worker processes")

    def handle(self, *, address: str, workers: int, **options: Any) -> None:
        if not 1 <= workers <= 64:
            raise BankError(f"--workers cannot be {workers}: choose 1 to 64.")
        host, port = _split(address)
        names = names_of(host)
        settings.ALLOWED_HOSTS.extend(names)
        server = _listen(address)
        self._make_teacher()
        with Cluster(queue=Conf.CLUSTER_NAME, worker_count=workers, private=False) as cluster, _supervised(cluster):
            urls = ", ".join(f"http://{name}:{port}/" for name in names)
            self.console.print(f"{workers} workers are starting. The pages: {urls} (Ctrl-C ends both)", soft_wrap=True)
            # In this process: when it ends, in whatever way, the workers see their input close, and end as well.
            server.run()

    def _make_teacher(self) -> None:
        User = get_user_model()
        if User.objects.filter(is_superuser=True).exists():
            return
        if User.objects.filter(username=TEACHER).exists():
            raise BankError(
                f"The login {TEACHER!r} is taken by somebody who is no superuser: make one of another name with "
                "`manage.py createsuperuser`, then try again."
            )
        password = secrets.token_urlsafe(9)
        User.objects.create_superuser(TEACHER, password=password)
        self.console.print(f"Login {TEACHER!r}, password {password!r}: shown this once; change it in the admin.")


def _split(address: str) -> tuple[str, str]:
    match = re.fullmatch(r"([^\s:]+):([0-9]{1,5})", address)
    if not match or not 0 < int(match[2]) < 65536:
        raise BankError(f"--address cannot be {address!r}: give an address of this machine and a port, HOST:PORT.")
    return match[1], match[2]


def names_of(host: str) -> list[str]:
    """Under which names browsers may ask for the pages: the one given or, where that is any, all of this machine's."""
    if host != ANY_HOST:
        return [host]
    addresses = [one.address for of_card in psutil.net_if_addrs().values() for one in of_card]
    return [name for name in addresses if re.fullmatch(r"[0-9.]+", name)] + [socket.gethostname()]


def _listen(address: str) -> Any:
    try:
        return create_server(application, listen=address, threads=THREADS)
    except (OSError, ValueError) as error:
        raise BankError(f"Nothing can be served at {address} ({error}): choose another one with --address.") from error


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
