"""Watches over a cluster: replaces one that has died or hangs, and queues anew the jobs that got lost.

django-q2 starts a dead worker again, but a worker that is killed while it waits for a job dies holding the lock that
all of them take jobs with, and then nobody works any more, for ever. The job of a killed worker comes back only after
`retry`, and from Redis never. So we look whether anybody is at work (by the processes' titles) and whether the storm
comes on (by its rows), and remedy what does not: first by queueing the jobs anew, then with new workers.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from django.db import InterfaceError, OperationalError
from django.db.models import Q

from accounts.cluster.processes import Member, Role
from accounts.cluster.subprocesses import Cluster, running_clusters
from accounts.errors import BankError
from accounts.models import Storm, Transfer
from accounts.storms.lifecycle import end_storm
from accounts.storms.outage import Outage
from accounts.storms.queue import enqueue_again

LOOK_EVERY_S = 1.0  # looking at every process of the machine costs some milliseconds
QUIET_S = 3.0  # so long nobody is at work, and nothing comes on: jobs are lost
START_S = 30.0  # so long a cluster may take until it takes jobs
FROZEN_S = 30.0  # so long a stopped process may hold the others up
STUCK_S = 180.0  # everything is over by then: longer than `timeout` and `retry`
MOST_REMEDIES = 5  # in a row, without anything coming on


class GivenUp(BankError):
    """Nothing helped; the sentence says against what."""


@dataclass
class Watchdog:
    """Looks after one cluster and the running storms on its queue. Call look() again and again."""

    cluster: Cluster
    quiet_s: float = QUIET_S
    _remedies: int = 0
    _came_on: float = field(default_factory=time.monotonic)  # when the storms last came on
    _worked: float = field(default_factory=time.monotonic)  # when somebody was last seen at work
    _looked: float = 0.0
    _progress: tuple = ()

    def look(self) -> str:
        """Remedy what is wrong, if anything; return what was done, in a sentence, or "". Raises GivenUp."""
        now = time.monotonic()
        if not self.cluster.is_running():
            return self._replace(f"The workers ended unasked: {self.cluster.last_words()}")
        if now - self._looked < min(LOOK_EVERY_S, self.quiet_s / 5):
            return ""
        self._looked = now
        members = self.cluster.members()
        if _is_anybody_at_work(members) or (self._is_starting(members) and now - self.cluster.started < START_S):
            self._worked = now
        if now - max(self._worked, self._came_on) < self.quiet_s and now - self._came_on < FROZEN_S:
            return ""
        return self._judge(members)

    def _judge(self, members: list[Member]) -> str:
        """What it means that nobody is at work, or that they are and nothing seems to come on."""
        if self._comes_on():
            return ""
        still_s = time.monotonic() - self._came_on
        if time.monotonic() - self._worked >= self.quiet_s and self._is_alone():
            if self._remedies % 2 == 0:
                return self._enqueue_again(f"Nobody has worked for {self.quiet_s:g} s")
            return self._replace("Still nobody works")
        if frozen := [str(member) for member in members if member.is_stopped]:
            return self._replace(f"Nothing has come on for {still_s:.0f} s, and {', '.join(frozen)} is stopped")
        if still_s >= STUCK_S:
            return self._replace(f"Nothing has come on for {still_s:.0f} s")
        return ""

    def _is_alone(self) -> bool:
        """Whether nobody else works for this queue: what another machine's workers are at, we cannot see."""
        return self.cluster.is_private or len(running_clusters()) < 2

    def _is_starting(self, members: list[Member]) -> bool:
        return not any(member.role == Role.PUSHER for member in members)

    def _comes_on(self) -> bool:
        """Whether the storms have come on since the last time, or there is none."""
        progress = tuple((storm.pk, *_count(storm)) for storm in self._running_storms())
        if progress and progress == self._progress:
            return False
        self._progress, self._came_on = progress, time.monotonic()
        if progress or self._came_on - self.cluster.started > START_S:
            self._remedies = 0
        return True

    def helpless_storms(self) -> list[Storm]:
        """Those that will not come on when we give up: they run, or were to be started by the end of one."""
        waiting = Q(state=Storm.State.PLANNED, after__state=Storm.State.FINISHED, by_hand=False)
        going = waiting | Q(state=Storm.State.RUNNING)
        return list(Storm.objects.filter(going, queue=self.cluster.queue).order_by("pk"))

    def _running_storms(self) -> list[Storm]:
        """Those that run, and those whose end should have started the next one."""
        running = Q(state=Storm.State.RUNNING) | Q(
            state=Storm.State.FINISHED, next__state=Storm.State.PLANNED, next__by_hand=False
        )
        return list(Storm.objects.filter(running, queue=self.cluster.queue).order_by("pk"))

    # Remedies.

    def _enqueue_again(self, why: str) -> str:
        self._count_remedy(why)
        return self._report("queued anew", f"{why}: {self._enqueue_all()}.")

    def _replace(self, why: str) -> str:
        self._comes_on()
        self._count_remedy(why)
        self.cluster.replace()
        return self._report("replaced", f"{why}: the workers were replaced, {self._enqueue_all()}.")

    def _count_remedy(self, why: str) -> None:
        if self._remedies >= MOST_REMEDIES:
            said = "" if not self.cluster.is_running() else f" Their last words: {self.cluster.last_words()}"
            raise GivenUp(f"{why}. {MOST_REMEDIES} remedies in a row did not help.{said}")
        self._remedies += 1
        self._came_on = self._worked = time.monotonic()  # they get their time again

    def _enqueue_all(self) -> str:
        count = sum(enqueue_again(storm) for storm in self._running_storms())
        return f"{count:,} operations were queued anew" if count else "nothing was left to be queued anew"

    def _report(self, remedy: str, what: str) -> str:
        for storm in self._running_storms():
            storm.note_fault(f"watchdog: {remedy}", what)
        return what


def _is_anybody_at_work(members: list[Member]) -> bool:
    """(On a system without titles everybody counts as working: there, jobs come back after `retry`.)"""
    if not any(member.role in (Role.PUSHER, Role.MONITOR, Role.IDLE, Role.BUSY) for member in members):
        return len(members) > 2
    return any(member.role == Role.BUSY and not member.is_stopped for member in members)


def _count(storm: Storm) -> tuple[int, int]:
    pending = storm.transfers.filter(status=Transfer.Status.PENDING, repeats=None)
    return pending.count(), storm.audits.count()


def supervise(cluster: Cluster, *, until: Event, say: Callable[[str], None]) -> None:
    """Look after a cluster for as long as it is wanted, or until nothing helps; what then runs ends as failed."""
    watchdog, outage = Watchdog(cluster), Outage(patience_s=float("inf"))
    while not until.wait(LOOK_EVERY_S):
        try:
            news = watchdog.look()
            outage.end()
        except GivenUp as reason:
            news = str(reason)
            for storm in watchdog.helpless_storms():
                end_storm(storm, Storm.State.FAILED, news)
            if not cluster.is_running():
                return say(news)
        except (OperationalError, InterfaceError) as error:
            news = outage.note(error)
        if news:
            say(news)
