"""Pure: the versions of one account, without the rest of its bank: enough to say how a write to it was lost."""

from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from accounts.evidence.history import Token


class Overwritten(NamedTuple):
    """Two transfers read the same version of an account, and each wrote its own result: one of them counts."""

    #: The version that both replaced (None: the opening).
    base: Token
    #: What was lost: the transfer that read the base, those that wrote after it, and the lost transfer as the last.
    branch: tuple[int, ...]
    #: The transfer that read the base too, and from whose balance the account goes on.
    overwriter: int

    @property
    def first(self) -> int:
        """The lost transfer that read the same version as the overwriter."""
        return self.branch[0]


class Write(NamedTuple):
    """A transfer's write to the account: the version that it replaced, and what it added to the balance."""

    transfer: int
    based_on: Token
    adds: int


class Versions:
    """One account: its opening balance, every write that was made or meant, and its last token."""

    def __init__(self, opening: int, writes: Iterable[Write], final: Token) -> None:
        self._opening = opening
        self._writes = {write[0]: write for write in writes}
        self._chain = self._path(final)
        self._final = frozenset(self._chain)

    def _path(self, token: Token) -> list[int]:
        """The transfers contained in a version, newest first. Bounded, should damaged rows refer to each other."""
        writes = self._writes
        path: list[int] = []
        while token is not None and len(path) <= len(writes):
            path.append(token)
            token = writes[token][1] if token in writes else None
        return path

    def is_final(self, transfer: int) -> bool:
        """Whether the account's last balance contains what the transfer wrote."""
        return transfer in self._final

    def adds(self, transfer: int) -> int:
        """What this transfer adds to the balance. Raises KeyError if it did not write to the account."""
        return self._writes[transfer][2]

    def balance(self, token: Token) -> int | None:
        """What the account held in this version; None if not all that it contains is known."""
        path = self._path(token)
        if len(path) > len(self._writes) or any(version not in self._writes for version in path[-1:]):
            return None
        return self._opening + sum(self._writes[version][2] for version in path)

    def overwritten(self, lost: int) -> Overwritten | None:
        """How this transfer's write was lost; None if it is in the final balance, or was never written."""
        if lost not in self._writes or self.is_final(lost):
            return None
        newest_first = takewhile(lambda version: version not in self._final, self._path(lost))
        branch = tuple(newest_first)[::-1]
        base = self._writes[branch[0]][1] if branch[0] in self._writes else None
        overwriter = next((version for version in self._chain if self._writes[version][1] == base), None)
        return None if overwriter is None else Overwritten(base, branch, overwriter)
