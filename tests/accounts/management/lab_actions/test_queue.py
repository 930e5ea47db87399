"""`manage.py lab queue` where it may not be; tests/browser/test_hand_in.py has it check files, and be killed."""

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def test_error_where_the_teacher_does_not_allow_it():
    with pytest.raises(CommandError, match="Students may not hand in files here: set LAB_HAND_IN=1, or start"):
        call_command("lab", "queue")
