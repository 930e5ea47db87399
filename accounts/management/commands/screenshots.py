"""Draws the README's pictures again: real storms in a database of their own, real pages, a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management.base import CommandParser
from django.db import connection
from django.test import Client
from django.test.testcases import LiveServerThread
from django.urls import reverse
from playwright.sync_api import Browser, Page, ViewportSize

from accounts.admin import matrix_run
from accounts.errors import BankError
from accounts.evidence.rows import easiest_torn
from accounts.explorer import saved as saved_explorations
from accounts.management.chromium import MISSING, find_chromium, open_chromium
from accounts.management.command import BankCommand
from accounts.management.display import follow_on_screen
from accounts.models import IsolationMatrix, SavedExploration, Storm
from accounts.storms.launch import launch, plan_storm, private_cluster

DATABASE = "bank_screenshots"
WINDOW: ViewportSize = {"width": 1100, "height": 860}
WIDE: ViewportSize = {"width": 1280, "height": 800}  # the code has room beside the steps
Scheme = Literal["light", "dark"]
SCENE, SCHEDULE = "a-lock-for-each-process", "a+a+t+t+t+t"  # both hold a LOCK, each that of its own process
PAIRS = (("row_lock", "single_statement"), ("row_lock", "row_lock"), ("no_lock", "no_lock"), ("row_lock", "no_lock"))


class Command(BankCommand):
    help = "Draw the README's pictures again, from storms in a temporary database. Needs Chromium."
    examples = """
  manage.py screenshots
  manage.py screenshots --folder somewhere/else
"""

    def add_arguments(self, parser: CommandParser) -> None:
        default = Path(settings.BASE_DIR) / "docs" / "images"
        parser.add_argument("--folder", type=Path, default=default, help="where to put them (default: docs/images)")

    def handle(self, *, folder: Path, **options: Any) -> None:
        chromium = find_chromium()
        if chromium is None:
            raise BankError(f"{MISSING} Install one first.")
        if not folder.is_dir():
            raise BankError(f"There is no folder {str(folder)!r}: create it first.")
        with temporary_database():
            run = [run_storm(*pair) for pair in PAIRS]
            torn = easiest_torn(run[-1])
            if torn is None:
                raise BankError("No audit was torn this time: run it again.")
            addresses: dict[str, tuple[str, Scheme]] = {
                "storm": (reverse("admin:accounts_storm_change", args=[run[-1].pk]), "light"),
                "audit": (reverse("admin:accounts_audit_change", args=[torn.pk]), "light"),
                "compare": (reverse("admin:accounts_storm_compare"), "dark"),
                "explore": (reverse("admin:accounts_savedexploration_change", args=[run_exploration().pk]), "light"),
                "scene": (f"{reverse('admin:scenes_play', args=[SCENE])}?schedule={SCHEDULE}", "light"),
                "matrix": (_matrix(), "light"),
            }
            with serve() as host, open_chromium(chromium) as browser:
                for name, (address, scheme) in addresses.items():
                    page = open_page(browser, host, address, scheme, window=WIDE if name == "scene" else WINDOW)
                    page.screenshot(path=folder / f"{name}.png")
                    self.stderr.write(f"Drew {folder / name}.png.")


@contextmanager
def temporary_database() -> Iterator[None]:
    """A database of our own beside the real one, gone afterwards."""
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        with connection.cursor() as cursor:  # threads of the server may not have hung up yet
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                [DATABASE],
            )
        connection.creation.destroy_test_db(name, verbosity=0)


def run_storm(transfer_with: str, audit_with: str) -> Storm:
    storm = plan_storm(transfer_with=transfer_with, audit_with=audit_with, transfer_count=1200, audit_count=120)
    with private_cluster(storm) as workers:
        launch(storm, queue=workers.queue)
        if follow_on_screen(storm, workers):
            raise KeyboardInterrupt
    return storm


def run_exploration() -> SavedExploration:
    saved = SavedExploration(transfer_with="row_lock", audit_with="no_lock")
    saved_explorations.launch(saved).join()
    saved.refresh_from_db()
    return saved


def _matrix() -> str:
    """Run the isolation matrix; the address of its page."""
    matrix_run.keep(IsolationMatrix.objects.create().pk, matrix_run.written_lines())
    return reverse("admin:isolation_matrix")


@contextmanager
def serve() -> Iterator[str]:
    """The pages, on a free port of this machine."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise BankError(f"The pages cannot be served: {server.error}.")
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()


def open_page(browser: Browser, host: str, address: str, scheme: Scheme, *, window: ViewportSize) -> Page:
    """The page as a teacher sees it, the navigation folded away."""
    teacher, _made = get_user_model().objects.get_or_create(username="teacher", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(teacher)
    context = browser.new_context(base_url=host, viewport=window, color_scheme=scheme)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": host}])
    context.add_init_script("localStorage.setItem('django.admin.navSidebarIsOpen', 'false')")
    page = context.new_page()
    page.goto(address)
    return page
