"""Variables that a user has set for another server: commands, and what they start, do not notice them."""

import pytest
from django.conf import settings
from django.db import connection

from tests.support.libpq import VARIABLES
from tests.support.processes import finish, manage

pytestmark = pytest.mark.processes


@pytest.mark.thorough(every=3)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "command",
    [
        ["explore"],
        ["storm", "--transfers", "20", "--audits", "2", "--workers", "1", "--json"],
        ["lab", "check", "2", "--no-storm", "--student", "anna", "--file", "{labs}/lab02_missed_lock/solution.py"],
    ],
    ids=lambda command: command[0],
)
def test_commands_and_what_they_start_do_not_notice_them(command):
    labs = settings.BASE_DIR / "accounts" / "labs" / "exercises"

    status, out, err = finish(manage(*(part.format(labs=labs) for part in command), env=VARIABLES))

    assert status == 0, err
    assert "failed" not in out.replace('"failed": 0', "").replace('"failed":0', "")


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_dates_are_read_whatever_the_style_of_the_role_is():
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER ROLE postgres IN DATABASE {} SET datestyle = 'German'".format(
                connection.ops.quote_name(connection.settings_dict["NAME"])
            )
        )
    try:
        status, _out, err = finish(manage("storm", "--transfers", "10", "--audits", "1", "--workers", "1"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER ROLE postgres IN DATABASE {} RESET datestyle".format(
                    connection.ops.quote_name(connection.settings_dict["NAME"])
                )
            )

    assert status == 0, err
