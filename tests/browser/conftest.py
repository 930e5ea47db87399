"""A real Chromium, real pages and real workers. Where there is no Chromium, these tests are skipped and say so."""

from collections.abc import Callable, Iterator

import psutil
import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.cluster.subprocesses import Subprocess, manage
from accounts.management.chromium import MISSING, find_chromium, open_chromium

PATIENCE_MS = 60_000  # a busy machine is no failure
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        pytest.skip(MISSING)
    with open_chromium(executable) as browser:
        yield browser


@pytest.fixture
def open_page(browser, live_server, admin_client) -> Iterator[Callable[..., "Visit"]]:
    """open_page("/admin/", color_scheme="dark"): a page of the teacher's, in a window of its own.

    With `client`, it is a page of the user who is logged in there.
    """
    contexts = []

    def open_page(address: str, *, client: Client = admin_client, **options) -> Visit:
        window = {"viewport": {"width": 1024, "height": 768}, **options}
        context = browser.new_context(base_url=live_server.url, accept_downloads=True, **window)
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        visit = Visit(context.new_page(), host=live_server.url)
        visit.page.goto(address)
        return visit

    yield open_page
    for context in contexts:
        context.close()


class Visit:
    """A page, and all that it complained about or asked others for since it was opened."""

    def __init__(self, page: Page, *, host: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._host = host
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._on_request)
        page.set_default_timeout(PATIENCE_MS)

    def _on_console(self, message) -> None:
        if message.type in ("error", "warning") and not message.location["url"].endswith("/favicon.ico"):
            self.complaints.append(message.text)

    def _on_request(self, request) -> None:
        if not request.url.startswith((self._host, "data:", "blob:")):
            self.complaints.append(f"it asked {request.url}")


class Workers(Subprocess):
    """The workers of `manage.py qcluster`, which can be held: what they have begun then stands still."""

    def hold(self) -> None:
        for process in self._hands():
            process.suspend()

    def go_on(self) -> None:
        for process in self._hands():
            process.resume()

    def _hands(self) -> list[psutil.Process]:
        """Not the main process and the sentinel, whose heartbeat says that the workers are there."""
        main = psutil.Process(self._process.pid)
        return [process for child in main.children() for process in child.children(recursive=True)]


@pytest.fixture(scope="module")
def workers(django_db_setup) -> Iterator[Workers]:
    """Real workers on the test's database. They look for work fifty times a second, so they end with their module."""
    database = {"BANK_DATABASE_NAME": str(connection.settings_dict["NAME"])}
    with Workers(manage("qcluster", "--until-stdin-closes", "--workers", "2"), environment=database) as workers:
        yield workers
