"""What a class says of a storm before the teacher starts it: one vote for each person, taken until then."""

from collections.abc import Mapping
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from accounts.errors import BankError
from accounts.models import Storm, Vote

# The choices, in the words of docs/glossary.md.
MEANINGS = {
    Vote.Choice.HOLDS.value: "the money and all audits are right",
    Vote.Choice.TORN.value: "the money is right, and audits are torn",
    Vote.Choice.BREAKS.value: "the money itself is wrong",
}


LEFT_AFTER = timedelta(days=1)  # a lecture that was left half-way waits for its teacher, and no class votes any more


def takes_votes(storm: Storm) -> bool:
    """Whether it waits for the teacher of a lecture that goes on. Needs up to two queries."""
    return not why_closed(storm)


def why_closed(storm: Storm) -> str:
    """Why no vote on the storm is taken; empty if one is. In this order:

    1. It does not wait for a teacher.
    2. It is not planned any more: it was started, or stopped.
    3. Another lecture has begun since.
    4. The scene before it was started more than LEFT_AFTER ago; of a first scene, the lecture was planned then. The
       teacher may go on all the same: the scene after this one takes votes again.
    """
    if not storm.by_hand:
        return "it does not wait for a teacher"
    if storm.state != Storm.State.PLANNED:
        return f"it is {storm.state}"
    if Storm.objects.filter(by_hand=True, after=None, pk__gt=storm.pk).exists():
        return "another lecture has begun since"
    waits_since = (storm.after and storm.after.started_at) or storm.created_at
    return "it has waited for more than a day" if timezone.now() - waits_since > LEFT_AFTER else ""


def cast_vote(user: User, storm_pk: int, choice: str) -> None:
    """Keep the user's vote, in the place of an earlier one. Raises BankError if it is none, or comes too late.

    The storm's row is locked, as start() locks it: a vote is kept before the start, or refused after it. (No key is
    locked, so that rows which refer to the storm, such as its plan, can be written meanwhile.)
    """
    if choice not in Vote.Choice.values:
        raise BankError(f"{choice!r} is no vote: vote for {', '.join(MEANINGS)}.")
    with transaction.atomic():
        storm = Storm.objects.select_for_update(no_key=True).filter(pk=storm_pk).first()
        if storm is None:
            raise BankError(f"There is no storm {storm_pk} any more: your vote was not taken.")
        if reason := why_closed(storm):
            raise BankError(_refusal(storm, reason))
        Vote.objects.update_or_create(user=user, storm=storm, defaults={"choice": choice})


def vote_of(user: User, storm: Storm) -> str:
    """What the user has voted; "" if nothing."""
    return Vote.objects.filter(user=user, storm=storm).values_list("choice", flat=True).first() or ""


def count_votes(storm: Storm) -> Mapping[str, int]:
    """How many voted for each choice, in the order of the choices. Needs one query."""
    choices = list(storm.votes.values_list("choice", flat=True))
    return {choice.value: choices.count(choice) for choice in Vote.Choice}


def _refusal(storm: Storm, reason: str) -> str:
    if not storm.by_hand:
        return f"There is no vote on {storm}: {reason}."
    return f"The vote on {storm} is closed, because {reason}: your vote was not taken."
