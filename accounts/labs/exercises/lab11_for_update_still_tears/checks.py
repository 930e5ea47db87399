"""Lab 11, FOR UPDATE still tears: an audit must be whole also if an account is opened while it waits for a row."""

from types import ModuleType

from accounts.explorer.plan import SEPARATE
from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs.audit_cases import audit_cases
from accounts.labs.cases import Case, Sessions
from accounts.labs.checks import holds, sees_the_end
from accounts.labs.new_accounts import audit_all, observe_opening, open_account
from accounts.labs.problems import TORN, UNTRUE, WRONG_END
from accounts.labs.schedules import Schedules, Work
from accounts.ledger import Reading
from accounts.strategies import single_statement


def opening(audit: Work = audit_all) -> Sessions:
    sessions = {"t": ("t: {a} > new account, {amount}", open_account), "a": ("a: audit", audit)}
    return Sessions("{a}>{b}:{amount}", sessions, "open_account", processes=SEPARATE, observe=observe_opening)


def audit_in_one_select(_module: ModuleType, scratch: ScratchBank) -> list[Reading] | int:
    return audit_all(single_statement, scratch)


def always_waited(schedules: Schedules) -> bool:
    return all(run.was_blocked for run in schedules.runs if run.observation.torn)


OPENING = opening()
ONE_SELECT = opening(audit_in_one_select)
AS_EVER = Case("{a}>{b}:{amount}", transfer_with="row_lock", processes=SEPARATE)
# Of the same amount: an audit that sees half of each has the right total, and balances that were there before.
CROSSING = Case("{first}>{second}:{amount},{second}>{first}:{amount}", transfer_with="row_lock", processes=SEPARATE)

SHOWN = OPENING
TRUTHS = {
    "as_ever": (AS_EVER, lambda schedules: schedules.has(TORN)),
    "torn": (OPENING, lambda schedules: schedules.has(TORN)),
    "error": (OPENING, lambda schedules: min(schedules.audit_errors())),
    "waited": (OPENING, always_waited),
    "after": (ONE_SELECT, lambda schedules: schedules.count(TORN)),
}

CHECKS = [
    holds(
        "as_ever",
        1,
        case=(CROSSING, *audit_cases(transfer_with="row_lock", processes=SEPARATE)),
        claim="Where no account is opened, no audit is torn.",
    ),
    holds(
        "opening",
        4,
        case=OPENING,
        never=(*UNTRUE, WRONG_END),
        claim="No audit is torn while an account is opened.",
        advice="What does a statement that had to wait see when it goes on: which rows, and of which moment?",
        needs="as_ever",
    ),
    sees_the_end("sees_new_account", 2, case=OPENING, needs="opening"),
]
