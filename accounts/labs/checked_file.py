"""The file that was checked, as it was then: kept with the verdict, so that no page ever reads a file to show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 20_000  # an exercise has a tenth of it
MAX_LINES = 1_000


@dataclass(frozen=True)
class CheckedFile:
    """A file's text, and how the steps of a schedule name the file."""

    path: str  #: as in the places of code; the file itself, a copy, is gone
    text: str

    @property
    def name(self) -> str:
        return Path(self.path).name

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"path": self.path, "text": self.text}

    @classmethod
    def from_values(cls, values: Mapping[str, Any] | None) -> "CheckedFile | None":
        """What `as_values` gave; None for None."""
        return None if values is None else cls(values["path"], values["text"])


def read_checked_file(path: Path) -> CheckedFile | None:
    """The file; None for one that is too long to be shown beside a schedule. Raises OSError."""
    if path.stat().st_size > MAX_BYTES:
        return None
    text = path.read_bytes().decode(errors="replace").replace("\0", "\ufffd")  # PostgreSQL's JSON knows no NUL
    return None if text.count("\n") > MAX_LINES else CheckedFile(str(path), text)
