"""Follows a storm to its end: how far it has come, and what is to be done when its workers or its database go away."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import Count, Q

from accounts.cluster.subprocesses import Cluster
from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.outage import Outage
from accounts.storms.watchdog import GivenUp, Watchdog

POLL_S = 0.2
LONGEST_PAUSE_S = 5.0
PAUSE_TO_COST = 20  # to count a large storm costs: not over 5 % of the time
NO_WORKER_S = 10

Answer = TypeVar("Answer")


class Progress(NamedTuple):
    """How far a storm has come."""

    state: str
    transfers: int
    audits: int
    news: str = ""  # what the watchdog did just now, if anything


def progress_of(storm: Storm) -> Progress:
    """How far the storm has come, by its rows. Raises BankError if they are gone."""
    try:
        storm.refresh_from_db(fields=["state", "reason", "report"])
    except Storm.DoesNotExist as error:
        raise BankError(f"Storm {storm.pk} was deleted while it ran, with its bank: launch another one.") from error
    ended = storm.transfers.filter(repeats=None).aggregate(n=Count("pk", filter=~Q(status="pending")))["n"]
    return Progress(storm.state, ended, storm.audits.count())


def follow(storm: Storm, cluster: Cluster | None = None) -> Iterator[Progress]:
    """Say how far the storm has come, about every POLL_S seconds, until it is running no more.

    A private cluster that dies or hangs is replaced, and the database is waited for while it is away. Raises BankError,
    after marking the storm as failed, when nothing helps, or when, on running workers, none took a job within
    NO_WORKER_S.
    """
    follower = _Follower(storm, cluster)
    while True:
        now = follower.look()
        yield now
        if now.state != Storm.State.RUNNING:
            return
        follower.refuse_to_wait_for_nobody()
        time.sleep(follower.pause_s)


def ask(question: Callable[[], Answer], *, say: Callable[[str], None]) -> Answer:
    """What the database answers. While it is away it is waited for, and that is said; BankError if that takes too long.

    The question may be asked several times: it must not matter whether it was answered before.
    """
    outage = Outage()
    while True:
        try:
            return question()
        except (OperationalError, InterfaceError) as error:
            if news := outage.note(error):
                say(news)
        time.sleep(POLL_S)


class _Follower:
    """Looks at one storm again and again, and after those who work on it."""

    def __init__(self, storm: Storm, cluster: Cluster | None) -> None:
        self.pause_s = POLL_S
        self._storm = storm
        self._watchdog = Watchdog(cluster) if cluster else None
        self._outage = Outage()
        self._launched = time.monotonic()
        self._seen = Progress(storm.state, 0, 0)

    def look(self) -> Progress:
        """How far it has come; while the database is away, how far it had come. What no remedy helped is raised."""
        try:
            self._seen = self._count()
            news = self._remedy()
            self._outage.is_over()
        except (OperationalError, InterfaceError) as error:
            news = self._wait_out(error)
        except GivenUp as reason:
            end_storm(self._storm, Storm.State.FAILED, str(reason))
            raise
        return self._seen._replace(news=news)

    def _count(self) -> Progress:
        asked = time.monotonic()
        self.pause_s = POLL_S  # should there be no answer: that is no count that took long
        seen = progress_of(self._storm)
        self.pause_s = min(max(POLL_S, PAUSE_TO_COST * (time.monotonic() - asked)), LONGEST_PAUSE_S)
        return seen

    def _remedy(self) -> str:
        """What the watchdog had to do, if anything."""
        is_watched = self._watchdog and self._seen.state == Storm.State.RUNNING
        return self._watchdog.look() if is_watched else ""

    def _wait_out(self, error: OperationalError | InterfaceError) -> str:
        """What to say while the database is away; what cannot be waited for is raised, the storm marked as failed."""
        try:
            return self._outage.note(error)
        except (BankError, OperationalError, InterfaceError):
            with suppress(DatabaseError, InterfaceError):  # on a full disk, there may still be room for this
                end_storm(self._storm, Storm.State.FAILED, f"The database refused: {describe(error)}")
            raise

    def refuse_to_wait_for_nobody(self) -> None:
        """On running workers, which nobody of ours watches: raise BankError when none has taken a job in time."""
        if self._watchdog or time.monotonic() - self._launched <= NO_WORKER_S or _was_begun(self._storm):
            return
        end_storm(self._storm, Storm.State.FAILED, f"No worker took a job within {NO_WORKER_S} s.")
        raise BankError(f"{self._storm.reason} Look at the output of `manage.py qcluster`, or start one.")


def _was_begun(storm: Storm) -> bool:
    return storm.transfers.exclude(status="pending", started_at=None).exists() or storm.audits.exists()
