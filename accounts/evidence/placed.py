"""Explains an audit whose readings were placed among the committed versions. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from accounts.evidence.commits import Placement
from accounts.evidence.explanation import Explanation, explain
from accounts.evidence.history import Account, History, Token


def explain_placed(placement: Placement, history: History, tokens: Mapping[tuple[Account, int], Token]) -> Explanation:
    """The explanation of the readings. `tokens` are those of the history, by account and number of the version.

    1. Where a reading can be more than one version, the choice counts that has the fewest half-seen transfers.
    2. Accounts that are impossible were not left out: they are no part of the explanation.
    """
    choices = [
        {account: tokens[account, version.number] for account, version in choice.items()}
        for choice in placement.choices()
    ]
    explanations = explain(history, dict(enumerate(choices)))
    best = min(explanations.values(), key=lambda explanation: len(explanation.half_seen))
    if not placement.impossible:
        return best
    unread = [account for account in best.unread if account not in placement.impossible]
    return replace(best, unread=unread, unread_amount=-sum(history.opening[account] for account in unread))
