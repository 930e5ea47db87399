"""Pure: a history in, the explanation of every wrong audit out. No clocks, no luck, no database.

Every balance carries a token, the id of the transfer that wrote it, and every transfer says which tokens its two
writes were based on. So the versions of one account form a tree with the opening at its root, and the path from a
version back to the root is the set of transfers that this balance *contains*. The path of the account's last token is
its *final chain*; a write that is not on it was lost: another transfer, which had not seen it, wrote over it.

Three causes add up to an audit's error, to the cent. Two are transfers that it saw on one of the two accounts that it
read; the third is what it did not read:

- *half seen*: the other side had not been written yet when the audit read it (read skew: Berenson et al. 1995, A5A;
  Adya 1999, G-single). One of these makes the audit torn, whatever its total.
- *lost*: the other side had been written, and overwritten (lost update, P4). The audit cannot be blamed for these.
- *unread*: an account that the audit left out. What it would have held counts as missing: its opening balance, and its
  side of every transfer that the audit saw on the other account. One of these makes the audit incomplete, not torn:
  an account that was not read cannot contradict another one.

Making every version traceable is the idea of Elle (Kingsbury and Alvaro, 2020), carried to balances of a bank.
"""

from accounts.evidence.easiest_lost import easiest_lost
from accounts.evidence.explanation import Explanation, HalfSeen, explain
from accounts.evidence.history import Account, Cause, Damage, History, LostUpdate, Movement, Token
from accounts.evidence.versions import Overwritten, Versions, Write

__all__ = [
    "Account",
    "Cause",
    "Damage",
    "Explanation",
    "HalfSeen",
    "History",
    "LostUpdate",
    "Movement",
    "Overwritten",
    "Token",
    "Versions",
    "Write",
    "easiest_lost",
    "explain",
]
