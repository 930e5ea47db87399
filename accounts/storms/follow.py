"""Follows a storm to its end: says how far it has come, and acts when its workers or its database go away."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, OperationalError

from accounts.cluster.subprocesses import Cluster
from accounts.db.shutdown import Shutdown, close_idle_connections
from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.outage import POLL_S, Outage
from accounts.storms.progress import Progress, progress_of, was_begun
from accounts.storms.watchdog import REFUSES, GivenUp, Watchdog

MAX_PAUSE_S = 5.0
PAUSE_TO_COST = 20  # counting takes long in a large storm: it may take up to 5 % of the time
NO_WORKER_S = 10


class Update(NamedTuple):
    """What follow() says about a storm each time that it looks."""

    state: str
    progress: Progress
    news: str = ""  # what the watchdog did just now, or that the database is away; "" if neither


def follow(storm: Storm, cluster: Cluster | None = None) -> Iterator[Update]:
    """Say how far the storm has come, about every POLL_S seconds, until it does not run any more.

    With a private `cluster`: it is replaced when it dies or hangs. Without one, the storm runs on workers that others
    started, and one of them must take a job within NO_WORKER_S seconds. While the database is away it is waited for.

    Raises BankError, after it has ended the storm as failed: no worker took a job, no remedy helped, or the database
    stayed away. Raises BankError if the storm was deleted, and the database's own error if waiting cannot help.
    """
    follower = _Follower(storm, cluster)
    while True:
        update = follower.look()
        yield update
        if update.state != Storm.State.RUNNING:
            return
        follower.fail_if_no_worker_started()
        time.sleep(follower.pause_s)


class _Follower:
    """Looks at one storm again and again, and at the workers that run it."""

    def __init__(self, storm: Storm, cluster: Cluster | None) -> None:
        self.pause_s = POLL_S
        self._storm = storm
        self._watchdog = Watchdog(cluster) if cluster else None
        self._outage = Outage()
        self._shutdown = Shutdown()
        self._launched_at_s = time.monotonic()
        self._last = Update(storm.state, Progress())

    def look(self) -> Update:
        """How far the storm has come; while the database is away, how far it had come.

        1. If the database is shutting down, the workers are stopped, and we close our connection: it waits for that.
        2. The storm's rows are read, and the watchdog looks at the cluster.
        3. If the database is away, that is said once and waited for; other refusals of the database are raised.
        4. If the watchdog gives up, the storm ends as failed, and GivenUp is raised.
        """
        if self._shutdown.notice():
            return self._last._replace(news=self._let_go())
        try:
            self._last = self._count()
            news = self._watch()
            self._outage.end()
        except (OperationalError, InterfaceError) as error:
            news = self._wait_out(error)
        except GivenUp as reason:
            end_storm(self._storm, Storm.State.FAILED, str(reason))
            raise
        return self._last._replace(news=news)

    def fail_if_no_worker_started(self) -> None:
        """Where others started the workers: if none took a job in time, the storm ends as failed: raises BankError."""
        waited_s = time.monotonic() - self._launched_at_s
        if self._watchdog or waited_s <= NO_WORKER_S or was_begun(self._storm):
            return
        end_storm(self._storm, Storm.State.FAILED, f"No worker took a job within {NO_WORKER_S} s.")
        raise BankError(f"{self._storm.reason} Look at the output of `manage.py qcluster`, or start one.")

    def _count(self) -> Update:
        """Read the storm's rows, and choose the pause until the next time by how long that took."""
        began_s = time.monotonic()
        self.pause_s = POLL_S  # if this fails, its time says nothing about the cost of counting
        update = _read(self._storm)
        self.pause_s = min(max(POLL_S, PAUSE_TO_COST * (time.monotonic() - began_s)), MAX_PAUSE_S)
        return update

    def _let_go(self) -> str:
        if self._watchdog:
            return self._watchdog.let_go()
        close_idle_connections()
        return f"{REFUSES}: our connection was closed."

    def _watch(self) -> str:
        """What the watchdog had to do, if anything."""
        if self._watchdog is None or self._last.state != Storm.State.RUNNING:
            return ""
        return self._watchdog.look()

    def _wait_out(self, error: OperationalError | InterfaceError) -> str:
        """What to say while the database is away. Raises what waiting cannot help, the storm then ended as failed."""
        try:
            return self._outage.note(error)
        except (BankError, OperationalError, InterfaceError):
            with suppress(DatabaseError, InterfaceError):  # on a full disk, there may still be room for this
                end_storm(self._storm, Storm.State.FAILED, f"The database refused: {describe(error)}")
            raise


def _read(storm: Storm) -> Update:
    """The storm's state and progress. Raises BankError if its rows are gone."""
    try:
        storm.refresh_from_db(fields=["state", "reason", "report"])
    except Storm.DoesNotExist as error:
        raise BankError(f"Storm {storm.pk} was deleted while it ran, with its bank: launch another one.") from error
    return Update(storm.state, progress_of(storm))
