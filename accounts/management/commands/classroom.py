"""Everything for a lesson with one command: web pages, workers and a teacher's login; Ctrl-C ends it all."""

import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db import connection, transaction
from django_q.conf import Conf
from waitress import create_server

from accounts.cluster.subprocesses import Cluster
from accounts.errors import BankError
from accounts.management.addresses import is_for_this_machine, names_of, parse_address
from accounts.management.command import BankCommand
from accounts.permissions import TEACHER
from accounts.storms.watchdog import supervise
from bankproject.wsgi import application

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
        host, port = parse_address("--address", address)
        names = names_of(host)
        urls = _urls(names, port)
        settings.ALLOWED_HOSTS.extend(names)
        server = _listen(address, host)
        self._make_teacher()
        with Cluster(queue=Conf.CLUSTER_NAME, worker_count=workers, private=False) as cluster, _supervised(cluster):
            self.console.print(f"{workers} workers are starting. The pages: {urls} (Ctrl-C ends both)", soft_wrap=True)
            # In this process: when it ends, in whatever way, the workers see their input close, and end as well.
            server.run()

    def _make_teacher(self) -> None:
        User = get_user_model()
        if User.objects.filter(is_superuser=True).exists():
            return
        if User.objects.filter(username=TEACHER).exists():
            raise BankError(
                f"The login {TEACHER!r} is taken by a user who is no superuser: make one of another name with "
                "`manage.py createsuperuser`, then try again."
            )
        password = secrets.token_urlsafe(9)
        with transaction.atomic():  # a password that could not be shown must not be kept
            User.objects.create_superuser(TEACHER, password=password)
            self.console.print(f"Login {TEACHER!r}, password {password!r}: shown this once; change it in the admin.")


def _urls(names: list[str], port: int) -> str:
    """Where the pages are. With HTTPS, a proxy speaks to the browsers, under the names in ALLOWED_HOSTS."""
    if not settings.HTTPS:
        return ", ".join(f"http://{name}:{port}/" for name in names)
    hosts = [host for host in settings.ALLOWED_HOSTS if host != "*" and not host.startswith(".")]
    urls = ", ".join(f"https://{name}/" for name in dict.fromkeys([*hosts, *names]))
    return f"{urls} through the proxy that speaks HTTPS and passes requests on to port {port}"


def _listen(address: str, host: str) -> Any:
    try:
        return create_server(application, listen=address, threads=THREADS, **_proxy_options(host))
    except (OSError, ValueError) as error:
        raise BankError(f"Nothing can be served at {address} ({error}): choose another one with --address.") from error


def _proxy_options(host: str) -> dict[str, Any]:
    """Which headers of a proxy count: none without HTTPS=1; else those of the trusted proxy, and never a browser's."""
    if not settings.HTTPS:
        return {}
    return {
        # Where only programs on this machine can reach us, any of them may be the proxy, by whatever address.
        "trusted_proxy": "*" if is_for_this_machine(host) else settings.TRUSTED_PROXY,
        "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-host"},
        "clear_untrusted_proxy_headers": True,
    }


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
