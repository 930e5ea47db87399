"""`manage.py lab` as a student meets it."""

import json
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.labs.catalogue import find_lab
from accounts.models import LabRecord
from tests.test_commands import finish, manage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def working_folder(settings, tmp_path):
    """my_labs/ is somewhere else; the programs are where they are."""
    real, settings.BASE_DIR = settings.BASE_DIR, tmp_path
    settings.LAB_PYTHON_PATH = real
    return tmp_path / "my_labs"


def lab(*arguments: str) -> str:
    out = StringIO()
    call_command("lab", *arguments, "--student", "anna", stdout=out)
    return out.getvalue()
