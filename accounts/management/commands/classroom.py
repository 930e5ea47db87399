"""Everything for a lesson with one command: web pages, workers and a teacher's login; Ctrl-C ends it all."""

import secrets
import sys
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db import transaction
from django_q.conf import Conf
from waitress import create_server

from accounts.cluster.subprocesses import Cluster
from accounts.errors import BankError
from accounts.management.addresses import is_for_this_machine, names_of, parse_address
from accounts.management.beside import working_beside
from accounts.management.command import BankCommand
from accounts.management.hand_in_checker import hand_ins_are_checked
from accounts.permissions import TEACHER
from accounts.storms.watchdog import supervise
from bankproject.wsgi import application

THREADS = 8  # pages served at once
MAX_BODY_BYTES = 10 * 1024**2  # of a request; the largest that a page takes is a file of some kilobytes


class Command(BankCommand):
    help = "Start the web pages and the workers for a lesson; Ctrl-C stops both."
    examples = """
  manage.py classroom                          on this machine only: http://127.0.0.1:8000/
  manage.py classroom --address 0.0.0.0:8000   for the whole room, under this machine's addresses
  manage.py classroom --hand-in                students may hand in files: these run here, with your rights
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="127.0.0.1:8000", metavar="HOST:PORT", help="where to serve the pages")
        parser.add_argument("--workers", type=int, default=settings.BANK_WORKERS, metavar="N", help="worker processes")
        hand_in = "let students hand in files on the labs' pages, as LAB_HAND_IN=1 does (read docs/security.md first)"
        parser.add_argument("--hand-in", action="store_true", default=settings.LAB_HAND_IN, help=hand_in)

    def handle(self, *, address: str, workers: int, hand_in: bool, **options: Any) -> None:
        if not 1 <= workers <= 64:
            raise BankError(f"--workers cannot be {workers}: choose 1 to 64.")
        host, port = parse_address("--address", address)
        names = names_of(host)
        urls = _urls(names, port)
        settings.ALLOWED_HOSTS.extend(names)
        settings.LAB_HAND_IN = hand_in
        server = _listen(address, host)
        self._make_teacher()
        cluster = Cluster(queue=Conf.CLUSTER_NAME, worker_count=workers, private=False)
        watchdog = working_beside(lambda over: supervise(cluster, until=over, say=_say), name="watchdog")
        with cluster, watchdog, hand_ins_are_checked(say=_say) if hand_in else nullcontext():
            self.console.print(f"{workers} workers are starting. The pages: {urls} (Ctrl-C ends both)", soft_wrap=True)
            if hand_in:
                self.console.print("Students may hand in files: these run on this machine, with your rights.")
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
        return create_server(
            application, listen=address, threads=THREADS, max_request_body_size=MAX_BODY_BYTES, **_proxy_options(host)
        )
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


def _say(news: str) -> None:
    print(news, file=sys.stderr, flush=True)
