"""Injects faults into a running storm, one every few seconds, in a thread of its own."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import ModuleType

import psutil
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from accounts.faults.target import Target
from accounts.models import Storm

SAVE_TRIES = 50


@contextmanager
def injecting_faults(storm: Storm, cluster: Cluster, kinds: dict[str, ModuleType], *, every_s: float) -> Iterator[None]:
    """While the block lasts, faults of these kinds are injected into the storm and noted on it.

    The storm's seed draws the kinds and the choices within them; which processes there are to draw from depends
    on the moment. After the block nothing is stopped, and a database that could not be reached is there again.
    """
    target = Target(storm, cluster, random.Random(storm.seed), threading.Event())
    injector = threading.Thread(target=_inject_all, args=[target, kinds, every_s], name="chaos", daemon=True)
    injector.start()
    try:
        yield
    finally:
        target.over.set()
        injector.join()
        connection.close()  # the last restart may have broken it


def _inject_all(target: Target, kinds: dict[str, ModuleType], every_s: float) -> None:
    try:
        while not target.over.wait(every_s):
            name = target.draw.choice(list(kinds))
            inject_once(target, name, kinds[name])
    finally:
        connection.close()


def inject_once(target: Target, name: str, kind: ModuleType) -> str:
    """Inject one fault and note it on the storm; return what was done, or "" if no worker was at work."""
    at, what = timezone.now(), ""
    if not target.cluster.members(Role.BUSY):
        return ""  # the cluster is starting, or hangs already: with a fault a second it would never start
    with suppress(psutil.Error, OperationalError, InterfaceError):  # it ended by itself; the database is away
        what = kind.inject(target)
    if what:
        _note(target.storm, name, what, at)
    return what


def _note(storm: Storm, name: str, what: str, at: datetime) -> None:
    for _ in range(SAVE_TRIES):
        try:
            return storm.note_fault(name, what, at)
        except (OperationalError, InterfaceError):
            connection.close()
            threading.Event().wait(0.2)
