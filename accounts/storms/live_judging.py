"""Judges the audits of a running storm now and then, so that a live page can say "torn" before the storm ends.

It costs at most a twentieth of one worker's time: after each judging comes a pause of twenty times as long. All is read
in one snapshot, so that no balance has a token whose transfer is not there.

What an early judgement is worth: over transfers that lose no update, the versions of an account are one chain, which
only grows, and a judgement never changes. Where updates get lost, a later write can decide which of two versions
counts; a transfer that is called half seen now may turn out to be lost, or the other way round. So at the end all
audits are judged again, and only that is kept as the storm's report.
"""

import logging
import time
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.db.isolation import one_snapshot
from accounts.evidence.rows import explain_audits, read_history
from accounts.models import Audit, Storm
from accounts.storms.report import narrator, note

MIN_PAUSE_S = 1.0
PAUSE_TO_COST = 20
CLAIM_S = 120  # longer than a job may take: should its worker die, another one judges after that
MAX_READINGS = 200_000  # at once: reading them takes memory and about half a second

log = logging.getLogger(__name__)


def judge_now_and_then(storm: Storm) -> bool:
    """Judge the audits of a running storm that are not judged yet, if it is time; return whether this call did.

    It is time if no other worker is judging, and the pause after the last judging is over. Audits that kept no readings
    cannot be judged. An error is only logged: a job must not fail for it, and at the end all audits are judged again.
    """
    if connection.in_atomic_block:  # a snapshot of our own needs a transaction of our own
        return False
    try:
        return _claim(storm) and _judge_and_pause(storm)
    except Exception:
        log.exception("The audits of %s could not be judged early.", storm)
        return False


def _judge_and_pause(storm: Storm) -> bool:
    began = time.perf_counter()
    try:
        _judge_new_audits(storm)
    finally:
        pause_s = max(MIN_PAUSE_S, PAUSE_TO_COST * (time.perf_counter() - began))
        Storm.objects.filter(pk=storm.pk).update(next_judging_at=timezone.now() + timedelta(seconds=pause_s))
    return True


def _claim(storm: Storm) -> bool:
    """Take the turn to judge; False if it is not time. Of several workers that try, one changes the row."""
    now = timezone.now()
    is_time = Q(next_judging_at=None) | Q(next_judging_at__lte=now)
    running = Storm.objects.filter(is_time, pk=storm.pk, state=Storm.State.RUNNING)
    return bool(running.update(next_judging_at=now + timedelta(seconds=CLAIM_S)))


def _judge_new_audits(storm: Storm) -> None:
    new = storm.audits.filter(status=Audit.Status.TAKEN, torn=None, readings__isnull=False)
    with one_snapshot():
        audits = list(new.order_by("pk")[: max(1, MAX_READINGS // storm.account_count)])
        if not audits:
            return
        history = read_history(storm.bank)
        narrate = narrator(storm, history)
    note(storm, explain_audits(history, audits), narrate, only_new=True)
