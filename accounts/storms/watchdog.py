"""Watches over a cluster: queues jobs anew that got lost, and replaces a cluster that has died or hangs.

django-q2 starts a dead worker again. That is not always enough: a worker that is killed while it waits for a job dies
holding the lock with which all workers take jobs, and then none of them takes a job any more. The job of a killed
worker comes back only after `retry`, and from Redis never. So the watchdog looks at the titles of the processes (is a
worker at work?) and at the rows of the storms (is there progress?), and acts when there is neither.
"""

import time
from collections.abc import Callable
from enum import Enum
from threading import Event

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Q

from accounts.cluster.processes import Member, Role
from accounts.cluster.redis_queue import QueueUnusable
from accounts.cluster.subprocesses import Cluster, running_clusters
from accounts.db.shutdown import Shutdown, close_idle_connections
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.outage import Outage
from accounts.storms.progress import progress_of_all
from accounts.storms.queue import enqueue_again

LOOK_EVERY_S = 1.0  # looking at every process of the machine costs some milliseconds
QUIET_S = 3.0  # no worker at work and no progress for so long: jobs are lost
START_S = 30.0  # a cluster may take so long until it takes its first job
FROZEN_S = 30.0  # a stopped process may hold up the others for so long
STUCK_S = 180.0  # longer than `timeout` and `retry` of the queue: every job that was begun has ended by then
MAX_REMEDIES = 5  # in a row, without progress
SUPERVISOR_COUNT = 2  # of each cluster's processes: the main process and the guard

# For each running storm, by its primary key: how many of its transfers and of its audits have ended.
Counts = dict[int, tuple[int, int]]


REFUSES = "The database admits no new connections, because it is shutting down"


class GivenUp(BankError):
    """MAX_REMEDIES remedies in a row did not help; the sentence says against what."""


class Remedy(Enum):
    """What the watchdog does against a lack of progress."""

    QUEUED_ANEW = "queued anew"
    REPLACED = "replaced"


class Watchdog:
    """Looks after one cluster and the running storms on its queue. Call look() again and again."""

    def __init__(self, cluster: Cluster, quiet_s: float = QUIET_S) -> None:
        self.cluster = cluster
        self.quiet_s = quiet_s
        self._counts: Counts = {}
        self._progressed_at_s = time.monotonic()
        self._worked_at_s = time.monotonic()
        self._looked_at_s = 0.0
        self._remedy_count = 0  # since the last progress
        self._last_remedy: Remedy | None = None  # since the last progress
        self._has_let_go = False  # of a server that is shutting down

    def look(self) -> str:
        """Look once, and remedy what is wrong. Returns what was done, in a sentence, or "". Raises GivenUp.

        1. After let_go(): the cluster is started again, if the database is there again; else its error is raised.
        2. The cluster has ended, and was not asked to: it is replaced.
        3. The last look was less than LOOK_EVERY_S ago: nothing is done.
        4. We note whether a worker is at work. For START_S, a cluster that is still starting counts as at work.
        5. A worker was at work or there was progress within quiet_s, and there was progress within FROZEN_S: all is
           well.
        6. Otherwise the storms' rows are read. If there was progress, all is well.
        7. Otherwise _act() decides what to do.
        """
        now_s = time.monotonic()
        if self._has_let_go:
            return self._start_again()
        if not self.cluster.is_running():
            self._note_progress(self._count())
            return self._replace(f"The workers ended, and were not asked to: {self.cluster.last_words()}")
        if now_s - self._looked_at_s < min(LOOK_EVERY_S, self.quiet_s / 5):
            return ""
        self._looked_at_s = now_s
        members = self.cluster.members()
        if self._is_starting(members, now_s) or _is_worker_at_work(members):
            self._worked_at_s = now_s
        if self._seems_well(now_s):
            return ""
        counts = self._count()
        if self._is_progress(counts):
            self._note_progress(counts)
            return ""
        return self._act(members)

    def _act(self, members: list[Member]) -> str:
        """There is no progress: remedy that, or wait longer. Returns what was done, in a sentence, or "".

        1. No worker has been at work for quiet_s, and no other cluster takes jobs from the queue: the jobs are lost.
           First they are queued anew. If that does not help, the cluster is replaced. Then both begin again.
        2. For FROZEN_S there was no progress, and a process is stopped: the cluster is replaced.
        3. For STUCK_S there was no progress: the cluster is replaced, whatever its workers seem to do.
        """
        now_s = time.monotonic()
        if now_s - self._worked_at_s >= self.quiet_s and self._is_alone():
            if self._last_remedy is Remedy.QUEUED_ANEW:
                return self._replace("Still no worker is at work")
            return self._queue_anew(f"No worker has been at work for {self.quiet_s:g} s")
        still_s = now_s - self._progressed_at_s
        still = f"No progress for {still_s:.0f} s"
        stopped_workers = [str(member) for member in members if member.is_stopped]
        if stopped_workers and still_s >= FROZEN_S:
            return self._replace(f"{still}, and {', '.join(stopped_workers)} is stopped")
        if still_s >= STUCK_S:
            return self._replace(still)
        return ""

    # What it sees.

    def _seems_well(self, now_s: float) -> bool:
        """Whether there is no reason to read the storms' rows."""
        is_quiet = now_s - max(self._worked_at_s, self._progressed_at_s) >= self.quiet_s
        return not is_quiet and now_s - self._progressed_at_s < FROZEN_S

    def _is_starting(self, members: list[Member], now_s: float) -> bool:
        has_pusher = any(member.role == Role.PUSHER for member in members)
        return not has_pusher and now_s - self.cluster.started < START_S

    def _is_alone(self) -> bool:
        """Whether no other cluster takes jobs from this queue: we cannot see the workers of another machine."""
        return self.cluster.is_private or len(running_clusters()) < 2

    def _count(self) -> Counts:
        progress = progress_of_all(self._storms())
        return {pk: (storm.transfers_ended, storm.audits_ended) for pk, storm in progress.items()}

    def _is_progress(self, counts: Counts) -> bool:
        """Whether more has ended than at the last count, or there is nothing to wait for."""
        return not counts or counts != self._counts

    def _note_progress(self, counts: Counts) -> None:
        """If there was progress: the time begins anew, and so does the row of remedies.

        Where no storm runs, the remedies are forgiven only after START_S: a cluster that dies whenever it starts must
        not be replaced for ever.
        """
        if not self._is_progress(counts):
            return
        self._counts, self._progressed_at_s = counts, time.monotonic()
        if counts or self._progressed_at_s - self.cluster.started > START_S:
            self._remedy_count, self._last_remedy = 0, None

    def _storms(self) -> list[Storm]:
        """The storms on the queue that run, and those that have finished but did not start the next one."""
        has_not_started_next = Q(state=Storm.State.FINISHED, next__state=Storm.State.PLANNED, next__by_hand=False)
        waited_for = Q(state=Storm.State.RUNNING) | has_not_started_next
        return list(Storm.objects.filter(waited_for, queue=self.cluster.queue).order_by("pk"))

    def helpless_storms(self) -> list[Storm]:
        """The storms on the queue that cannot end without the cluster: they run, or the one before has finished."""
        is_next = Q(state=Storm.State.PLANNED, after__state=Storm.State.FINISHED, by_hand=False)
        return list(
            Storm.objects.filter(is_next | Q(state=Storm.State.RUNNING), queue=self.cluster.queue).order_by("pk")
        )

    # What it does.

    def let_go(self) -> str:
        """The server is shutting down: stop the cluster, and close our connections. Returns that in a sentence.

        Workers finish the job that they have begun. What is pending is queued anew when look() starts them again.
        """
        self.cluster.stop_workers()
        close_idle_connections()
        self._has_let_go = True
        return f"{REFUSES}: the workers were stopped, and all connections closed. They start again when it is back."

    def _start_again(self) -> str:
        connection.ensure_connection()
        self._has_let_go = False
        self._progressed_at_s = self._worked_at_s = time.monotonic()
        self.cluster.replace()
        return self._tell(Remedy.REPLACED, f"The database is back: the workers were replaced, {self._enqueue_all()}.")

    def _queue_anew(self, why: str) -> str:
        self._note_remedy(Remedy.QUEUED_ANEW, why)
        return self._tell(Remedy.QUEUED_ANEW, f"{why}: {self._enqueue_all()}.")

    def _replace(self, why: str) -> str:
        self._note_remedy(Remedy.REPLACED, why)
        self.cluster.replace()
        return self._tell(Remedy.REPLACED, f"{why}: the workers were replaced, {self._enqueue_all()}.")

    def _note_remedy(self, remedy: Remedy, why: str) -> None:
        """Count it, and give the cluster its time again. Raises GivenUp if there were too many in a row."""
        if self._remedy_count >= MAX_REMEDIES:
            last_words = f" Their last words: {self.cluster.last_words()}" if self.cluster.is_running() else ""
            raise GivenUp(f"{why}. {MAX_REMEDIES} remedies in a row did not help.{last_words}")
        self._remedy_count, self._last_remedy = self._remedy_count + 1, remedy
        self._progressed_at_s = self._worked_at_s = time.monotonic()

    def _enqueue_all(self) -> str:
        """What came of it: a queue that is away may be back at the next remedy."""
        try:
            count = sum(enqueue_again(storm) for storm in self._storms())
        except QueueUnusable as refusal:
            return f"nothing could be queued anew: {str(refusal).rstrip('.')}"
        return f"{count:,} operations were queued anew" if count else "nothing was left to be queued anew"

    def _tell(self, remedy: Remedy, what: str) -> str:
        """Keep the remedy with the storms that it was for; return the sentence."""
        for storm in self._storms():
            storm.note_remedy(remedy.value, what)
        return what


def _is_worker_at_work(members: list[Member]) -> bool:
    """Whether a worker does a job now, by the processes' titles.

    On a system without titles, every worker counts as at work; there, a lost job comes back after `retry`.
    """
    titled = (Role.PUSHER, Role.MONITOR, Role.IDLE, Role.BUSY)
    if not any(member.role in titled for member in members):
        return len(members) > SUPERVISOR_COUNT
    return any(member.role == Role.BUSY and not member.is_stopped for member in members)


def supervise(cluster: Cluster, *, until: Event, say: Callable[[str], None]) -> None:
    """Look after a cluster until the event is set; `say` what was done.

    When no remedy helps, the storms that wait for the cluster end as failed. Returns then if the cluster has ended.
    The database may be away for any time.
    """
    watchdog, outage, shutdown = Watchdog(cluster), Outage(patience_s=float("inf")), Shutdown()
    while not until.wait(LOOK_EVERY_S):
        try:
            news = watchdog.let_go() if shutdown.notice() else watchdog.look()
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
