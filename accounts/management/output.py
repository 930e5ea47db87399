"""Files that commands write: checked before the work, written whole or not at all, and said to be written if they are.

A name may be that of a device or a pipe, such as /dev/stdout: it is written to, and never replaced.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from accounts.errors import BankError

STANDARD_OUTPUT = "-"


def check_targets(names: Mapping[str, str], *, overwrite: bool, overwrite_option: str) -> None:
    """Raise BankError, before the work is done, for files that could not be written after it.

    `names`: the file of each option, "-" for standard output. A file that is there is refused, but with `overwrite`;
    `overwrite_option` is what asks for that.
    """
    options: dict[str, str] = {}
    for option, name in names.items():
        other = options.setdefault(_place(name), option)
        if other != option:
            raise BankError(f"{other} and {option} cannot both be {name}: name another file for one of them.")
        if name != STANDARD_OUTPUT:
            _check(option, name, overwrite=overwrite, overwrite_option=overwrite_option)


def _place(name: str) -> str:
    """The same for two names of one file."""
    return name if name == STANDARD_OUTPUT else os.path.realpath(name)


def _check(option: str, name: str, *, overwrite: bool, overwrite_option: str) -> None:
    target = Path(os.path.realpath(name))
    try:
        is_there = _is_there(name)
        if not name or os.path.isdir(name):
            raise BankError(f"{option} cannot be {name!r}: give the name of a file.")
        if not target.parent.is_dir():
            raise BankError(f"There is no folder {str(Path(name).parent)!r} for {target.name}: create it first.")
        if os.path.isfile(name) and not overwrite:
            raise BankError(f"{name} is there already: give another name, or {overwrite_option} to replace it.")
        if not os.access(name if is_there else target.parent, os.W_OK):
            raise PermissionError(0, "you have no right to write there")
    except OSError as error:
        raise _refusal(name, error) from error


def _is_there(name: str) -> bool:
    """Raises OSError for a name that can be no file's: it is too long, or leads through a file."""
    try:
        os.stat(name)
    except FileNotFoundError:
        return False
    return True


def write_whole(name: str, text: str, *, is_private: bool = False) -> None:
    """The whole text or nothing of it: what was there is replaced in one step. Raises BankError if that fails.

    `is_private`: only its owner may read the file.
    """
    try:
        if os.path.exists(name) and not os.path.isfile(name):
            Path(name).write_text(text, encoding="utf-8", errors="replace")
        else:
            _replace(Path(os.path.realpath(name)), text, mode=0o600 if is_private else 0o666)
    except OSError as error:
        raise _refusal(name, error) from error


def _replace(path: Path, text: str, *, mode: int) -> None:
    draft = path.with_name(f".draft-{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(handle, "w", encoding="utf-8", errors="replace", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(handle)  # some systems say only now that the disk is full
        os.replace(draft, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def _refusal(name: str, error: OSError) -> BankError:
    shown = name if len(name) <= 100 else f"{name[:100]}..."
    return BankError(f"{shown} cannot be written ({error.strerror}): name another file.")
