"""The backend: what it takes from Django's settings, and which database it makes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import ConnectionHandler, OperationalError

from interleavings.postgres import base
from interleavings.postgres.server import IMPORT_FOLDER, Server
from tests.support.postgres import connect

pytestmark = pytest.mark.processes

LOAD_WITHOUT = """
import sys
from django.db.utils import load_backend
sys.modules[{package!r}] = None  # so that its import fails
load_backend("interleavings.postgres")
"""


@pytest.fixture(autouse=True)
def _databases_are_allowed(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@contextmanager
def django_connection(**settings: Any) -> Iterator[base.DatabaseWrapper]:
    """Django's connection, as these settings of a project make it."""
    wrapper = ConnectionHandler({"default": {"ENGINE": "interleavings.postgres", **settings}})["default"]
    try:
        yield wrapper
    finally:
        wrapper.close()


def databases(server: Server) -> set[str]:
    with connect(server) as admin:
        return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}


def test_engine_alone_is_enough(running_server, monkeypatch):
    monkeypatch.setattr(base, "default_folder", lambda: running_server.folder)

    with django_connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == ("django",)


def test_test_database_is_named_as_django_does_it(running_server):
    with django_connection() as connection:
        assert connection.creation._get_test_db_name() == "test_django"


def test_server_whose_folder_is_named_is_used(running_server):
    with django_connection(HOST=str(running_server.folder)) as connection:
        assert connection.server.folder == running_server.folder


@pytest.mark.parametrize("name", ["first", 'a "name"; --', "two words"])
def test_database_of_the_settings_is_made_whatever_its_name_is(name, running_server):
    with django_connection(NAME=name, HOST=str(running_server.folder)) as connection:
        connection.ensure_connection()

    assert name in databases(running_server)


@pytest.mark.parametrize(
    "names", [{"NAME": "test_shop"}, {"NAME": "for_tests", "TEST": {"NAME": "for_tests"}}], ids=["prefix", "setting"]
)
def test_error_database_of_a_test_is_left_to_django(names, running_server):
    with (
        django_connection(HOST=str(running_server.folder), **names) as connection,
        pytest.raises(OperationalError, match=f'database "{names["NAME"]}" does not exist'),
    ):
        connection.ensure_connection()

    assert names["NAME"] not in databases(running_server)


def test_test_database_is_made_and_dropped(running_server):
    with django_connection(NAME="orders", HOST=str(running_server.folder)) as connection:
        with connection._nodb_cursor() as cursor:
            connection.creation._execute_create_test_db(cursor, {"dbname": '"test_orders"', "suffix": ""})
        assert "test_orders" in databases(running_server)

        connection.creation._destroy_test_db("test_orders", verbosity=0)

    assert {"orders", "test_orders"} & databases(running_server) == set()


@pytest.mark.parametrize("package", ["fasteners", "psutil"])
def test_error_extra_that_is_not_installed(package):
    script = [sys.executable, "-c", LOAD_WITHOUT.format(package=package)]

    done = subprocess.run(script, cwd=IMPORT_FOLDER, capture_output=True, text=True, timeout=120)

    assert done.stderr.splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: "
        f"What the database backend interleavings.postgres needs is not installed ({package}): "
        'run `pip install "interleavings[postgres]"`.'
    )
