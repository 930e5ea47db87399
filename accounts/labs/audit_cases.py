"""The cases that every lab has whose audit is judged: what an audit that is right only in a tiny bank gets wrong."""

from accounts.explorer.plan import SHARED
from accounts.labs.another_auditor import AnotherAuditor
from accounts.labs.cases import Case
from accounts.labs.large_bank import LargeBank
from accounts.labs.schedules import Schedules
from accounts.labs.submission import Explorable


def audit_cases(*, transfer_with: str = "", processes: str = SHARED) -> tuple[Explorable[Schedules], ...]:
    """From the smallest bank on:

    1. Two transfers of one amount meet in account 2. An audit that sees half of each has the right total, and balances
       that were never there together: also without tokens, that is known to be wrong.
    2. A transfer between two of five accounts, neither of them the first. An audit that locks the first only, or reads
       two or four accounts at a time, is torn.
    3. Audits of two workers in turn. One that never lets go of a lock keeps all other workers out.
    4. A bank that is larger than usual page sizes.
    """
    return (
        Case("1>2:{amount},3>2:{amount}", transfer_with=transfer_with, processes=processes),
        Case("2>5:{amount}", accounts=5, transfer_with=transfer_with, processes=processes),
        AnotherAuditor(transfer_with=transfer_with, processes=processes),
        LargeBank(transfer_with=transfer_with, processes=processes),
    )
