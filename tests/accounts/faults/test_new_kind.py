"""Adding a kind of fault is one file: put into a folder, it is everywhere."""

import importlib
import random
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import load_command_class

from accounts import faults
from accounts.errors import BankError
from accounts.faults import soak
from accounts.faults.injector import inject_once
from accounts.faults.target import Target
from accounts.models import Storm
from accounts.storms.watchdog import Remedy
from tests.support.clusters import small_storm

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "do-little"
INJECT = '''
"""Does nothing, and says so."""


def inject(target):
    return f"nothing was done to {target.storm}"
'''


@pytest.fixture
def add(tmp_path, monkeypatch) -> Iterator[Callable[[str], None]]:
    """add(text): a kind of fault do-little, in a folder beside ours."""
    monkeypatch.setattr(faults, "__path__", [*faults.__path__, str(tmp_path)])

    def add(text: str) -> None:
        Path(tmp_path, "do_little.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()

    yield add
    sys.modules.pop("accounts.faults.do_little", None)
    vars(faults).pop("do_little", None)


@pytest.fixture
def storm(open_bank) -> Storm:
    storm = small_storm()
    storm.bank, storm.queue = open_bank(100, 100), "nowhere"
    storm.save()
    return storm


def busy_cluster() -> SimpleNamespace:
    """One whose worker is at work."""
    return SimpleNamespace(members=lambda *_roles: ["a worker"])


@pytest.mark.parametrize("command", ["storm", "soak"])
def test_new_kind_is_offered(command, add):
    add(INJECT)

    text = load_command_class("accounts", command).create_parser("manage.py", command).format_help()

    assert NAME in faults.names()
    assert ",".join(faults.names()) in "".join(text.split())


def test_new_kind_can_be_chosen_alone_and_is_among_all(add, monkeypatch):
    monkeypatch.setattr("accounts.faults.restart_database.refuse_if_impossible", lambda: None)
    add(INJECT)

    assert list(faults.choose(NAME)) == [NAME]
    assert list(faults.choose("all")) == faults.names()
    assert NAME in faults.names()


def test_new_kind_is_injected_and_noted_with_the_storm(add, storm):
    add(INJECT)
    target = Target(storm, busy_cluster(), random.Random(1), threading.Event())

    inject_once(target, NAME, faults.choose(NAME)[NAME])

    storm.refresh_from_db()
    ((kind, what),) = [(fault["kind"], fault["what"]) for fault in storm.faults]
    assert (kind, what) == (NAME, f"nothing was done to {storm}")


def test_new_kind_is_counted_by_the_soak(add):
    add(INJECT)
    tally = soak.Tally()
    assert tally.as_values()["faults"] == dict.fromkeys(faults.names(), 0)

    tally.faults.update([NAME, NAME, "watchdog: replaced"])

    counts = tally.as_values()["faults"]
    assert (counts[NAME], counts["freeze"], counts["watchdog: replaced"]) == (2, 0, 1)


def test_error_kind_that_cannot_be_injected(add):
    add('"""It has another function."""\n')

    with pytest.raises(BankError, match=r"The fault 'do-little' has no inject\(target\): write it in .*do_little.py\."):
        faults.choose(NAME)


def test_what_kinds_share_is_no_kind():
    assert not {"injector", "target"} & set(faults.names())
    with pytest.raises(BankError, match="There is no fault 'target'"):
        faults.choose("target")


def test_remedy_of_the_watchdog_is_told_from_a_fault(storm):
    storm.note_fault("freeze", "SIGSTOP of busy worker 1")
    storm.note_remedy(Remedy.REPLACED.value, "The workers were replaced.")

    storm.refresh_from_db()
    assert [fault["kind"].startswith(Storm.WATCHDOG) for fault in storm.faults] == [False, True]
