"""What all commands share."""

import pytest

from tests.support.processes import finish, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.mark.parametrize("command", ["storm", "compare", "qcluster", "classroom", "database"])
def test_help_has_examples(command):
    status, out, _err = finish(manage(command, "--help"))

    assert status == 0
    assert "examples:" in out
    assert f"manage.py {command}" in out
