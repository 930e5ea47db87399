"""Whether a database may be explored in: it must be a PostgreSQL, and one whose rows may be lost."""

import re

from django.db import connection, connections

from interleavings.errors import CannotExplore

TEST_PREFIX = "test_"
_PROCESS = re.compile(r"(_(gw)?\d+)?")  # as pytest-xdist and `manage.py test --parallel` name theirs


def check_database(*, destroys_data_in: str | None) -> None:
    """Raise CannotExplore unless schedules may be run in the default database.

    1. It is PostgreSQL: other databases cannot be asked who waits for whom, or do not lock rows at all.
    2. No transaction is open on this thread's connection: the sessions of an exploration would not see its rows.
    3. It was made for tests: its name begins with "test_", or is the one that the settings give to the database of
       tests (DATABASES: TEST: NAME; a process of several adds its number), or the one given as `destroys_data_in`.
    """
    _check_vendor(connection.vendor)
    if connection.in_atomic_block:
        raise CannotExplore(
            "explore() was called inside a transaction, and the sessions that it runs would not see what was written "
            "in it: take the fixture `explore`, or mark the test with django_db(transaction=True)."
        )
    name = str(connection.settings_dict["NAME"])
    of_tests = connection.settings_dict.get("TEST", {}).get("NAME")
    is_of_tests = bool(of_tests) and name.startswith(of_tests) and _PROCESS.fullmatch(name[len(of_tests) :])
    if name == destroys_data_in or name.startswith(TEST_PREFIX) or is_of_tests:
        return
    raise CannotExplore(
        f"explore() runs its calls for real, many times over, in the database {name!r}, which was not made for tests: "
        f"call it from a test, or allow it with destroys_data_in={name!r}."
    )


def _check_vendor(vendor: str) -> None:
    if vendor == "postgresql":
        return
    reason = {
        "sqlite": "on SQLite, select_for_update() is ignored, and one connection writes at a time",
        "mysql": "MySQL locks other rows than PostgreSQL does, and is not asked here who waits for whom",
    }.get(vendor, "only PostgreSQL is asked here who waits for whom")
    others = [alias for alias in connections if connections[alias].vendor == "postgresql"]
    advice = "let DATABASES['default'] be a PostgreSQL" + (" (such as that of another alias)" if others else "")
    raise CannotExplore(f"explore() cannot run on {vendor}: {reason}. For these tests, {advice}.")
