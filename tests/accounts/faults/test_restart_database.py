"""The fault that restarts the database restarts the embedded one only."""

import pytest
from django.db import connection

from accounts import faults
from accounts.errors import BankError


def test_error_restart_of_a_database_that_is_not_ours(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ENGINE", "django.db.backends.postgresql")

    with pytest.raises(BankError, match="restart-database restarts the embedded database only"):
        faults.choose("all")
