"""The pages of the admin are loaded by urls.py, not when Django starts."""

import subprocess
import sys

import pytest
from django.core import checks
from django.urls import reverse

LOADED = "import django, sys; django.setup(); print(*(name for name in sys.modules if name.startswith('accounts.')))"


@pytest.mark.processes
def test_commands_and_workers_load_no_page():
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.split()

    assert "accounts.models" in loaded
    assert [name for name in loaded if name.startswith(("accounts.admin", "accounts.labs", "accounts.explorer"))] == []


def test_pages_pass_the_checks_of_the_admin():
    reverse("admin:index")  # they are loaded

    assert checks.run_checks(tags=[checks.Tags.admin]) == []
