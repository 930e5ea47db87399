"""What a class says of a storm before the teacher starts it: one vote for each person, taken until then."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction

from accounts.errors import BankError
from accounts.models import Storm, Vote

# The choices, in the words of docs/glossary.md.
MEANINGS = {
    Vote.Choice.HOLDS.value: "the money and all audits are right",
    Vote.Choice.TORN.value: "the money is right, and audits are torn",
    Vote.Choice.BREAKS.value: "the money itself is wrong",
}


def takes_votes(storm: Storm) -> bool:
    """Whether it waits for the teacher, and has not been started."""
    return storm.by_hand and storm.state == Storm.State.PLANNED


def cast_vote(user: User, storm_pk: int, choice: str) -> None:
    """Keep the user's vote, in the place of an earlier one. Raises BankError if it is none, or comes too late.

    The storm's row is locked, as start() locks it: a vote is kept before the start, or refused after it. (No key is
    locked, so that rows which refer to the storm, such as its plan, can be written meanwhile.)
    """
    if choice not in Vote.Choice.values:
        raise BankError(f"{choice!r} is no vote: vote for {', '.join(MEANINGS)}.")
    with transaction.atomic():
        storm = Storm.objects.select_for_update(no_key=True).get(pk=storm_pk)
        if not takes_votes(storm):
            raise BankError(_refusal(storm))
        Vote.objects.update_or_create(user=user, storm=storm, defaults={"choice": choice})


def vote_of(user: User, storm: Storm) -> str:
    """What the user has voted; "" if nothing."""
    return Vote.objects.filter(user=user, storm=storm).values_list("choice", flat=True).first() or ""


def count_votes(storm: Storm) -> Mapping[str, int]:
    """How many voted for each choice, in the order of the choices. Needs one query."""
    choices = list(storm.votes.values_list("choice", flat=True))
    return {choice.value: choices.count(choice) for choice in Vote.Choice}


def _refusal(storm: Storm) -> str:
    if not storm.by_hand:
        return f"There is no vote on {storm}: it does not wait for a teacher."
    return f"The vote on {storm} is closed, because it is {storm.state}: your vote was not taken."
