"""Makes logins for a class: each student's name, and a password that is shown once."""

import secrets
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction

from accounts.errors import BankError
from accounts.management.arguments import to_csv
from accounts.management.command import BankCommand
from accounts.permissions import STUDENT, TEACHER, make_groups
from bankproject.text_files import decode

MAX_LOGINS = 200
MAX_FILE_BYTES = 100_000


class Command(BankCommand):
    help = "Make a login for each student, who may look at everything, explore, and do the labs, but launch no storms."
    examples = """
  manage.py students anna ben chris
  manage.py students --file class.txt > logins.csv     one name a line
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="letters, digits and @ . + - _")
        parser.add_argument("--file", metavar="FILE", help="a text file with more names, one a line")

    def handle(self, *, names: list[str], file: str | None, **options: Any) -> None:
        names = list(dict.fromkeys(names + (_read(file) if file else [])))
        if not 1 <= len(names) <= MAX_LOGINS:
            raise BankError(f"{len(names)} names were given: give 1 to {MAX_LOGINS}, or a --file with one name a line.")
        with transaction.atomic():  # a password that could not be shown must not be kept
            self.stdout.write(to_csv(make_logins(names)))
            self.stdout.flush()


def make_logins(names: list[str]) -> list[dict[str, str]]:
    """Make a user of the group of students for each name: all of them, or none. Returns names and passwords."""
    users = [User(username=name, is_staff=True) for name in names]  # staff: who may log into the admin
    passwords = [secrets.token_urlsafe(6) for _ in names]
    with transaction.atomic():
        make_groups(apps.get_app_config("accounts"))  # they may have been deleted
        for user, password in zip(users, passwords, strict=True):
            user.set_password(password)
            _check(user)
            user.save()
        Group.objects.get(name=STUDENT).user_set.add(*users)
    return [{"name": name, "password": password} for name, password in zip(names, passwords, strict=True)]


def _check(user: User) -> None:
    if user.username == TEACHER:
        raise BankError(f"There can be no student {TEACHER!r}: `manage.py classroom` gives that login to the teacher.")
    try:
        user.full_clean()
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise BankError(f"There can be no login {user.username!r}: {reason} Nothing was made.") from error


def _read(file: str) -> list[str]:
    try:
        with open(file, "rb") as names:
            content = names.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"it has more than {MAX_FILE_BYTES:,} bytes")
        lines = decode(content).splitlines()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BankError(f"The file {file} cannot be read ({reason}): give a text file with one name a line.") from error
    return [line.strip() for line in lines if line.strip()]
