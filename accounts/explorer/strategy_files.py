"""The file of a strategy: one of ours, a student's, or a module by its dotted name; found, read and looked at."""

import importlib.util
import inspect
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from accounts import strategies
from accounts.db.sqlstates import line_in
from accounts.errors import BankError
from interleavings.engine.module_copies import Original

FUNCTIONS = ("transfer", "audit")


def find_strategy(name: str, function: str) -> Original:
    """The file of a strategy: one of ours, a path to a file, or a module by its dotted name.

    Raises BankError, with the line if there is one, for a file that is not there or cannot be a strategy.
    """
    if name in strategies.names("transfer") + strategies.names("audit"):
        module = strategies.load(name, function)
        file = Path(inspect.getfile(module))
        return _compile_once(file, module.__name__, file.stat().st_mtime_ns)
    original, module = look_at(name, _find_file(name, function))
    if not callable(getattr(module, function, None)):
        advice = "a strategy has transfer(order), audit(bank) or both." if function in FUNCTIONS else "write it."
        raise BankError(f"{name} has no function {function}: {advice}")
    return original


@lru_cache(maxsize=64)
def _compile_once(file: Path, name: str, _changed_at: int) -> Original:
    """One of ours: a page asks for it several times with each step. An edited file is compiled again."""
    return Original(file, name=name)


def look_at(name: str, path: Path, *, kind: str = "strategy") -> tuple[Original, ModuleType]:
    """A file, and a copy of it as a module. Raises BankError for one that is not there or cannot be imported.

    `kind` is what the file is called then.
    """
    original = _compile(name, path, kind)
    try:
        return original, original.copy("a look at it")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a file may raise anything when it is imported
        raise BankError(f"{name} cannot be imported ({say_error(error, path)}): repair it first.") from error


def say_error(error: BaseException, path: Path) -> str:
    """What was raised, and the innermost line of this file that it came through, if there is one."""
    sentence = " ".join(f"{type(error).__name__}: {_message(error)}".split()).rstrip(": ")
    line = line_in(path, error)
    return f"{sentence}; line {line}" if line else sentence


def _message(error: BaseException) -> str:
    """What an error says; it may be of a foreign class that cannot say anything."""
    try:
        return str(error)
    except Exception:
        return ""


def _find_file(name: str, function: str) -> Path:
    if name.lower().endswith(".py"):
        return Path(name)
    try:
        spec = importlib.util.find_spec(name) if "." in name.strip(".") else None
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.origin:
        raise BankError(
            f"There is no strategy {name!r}: choose one of {', '.join(strategies.names(function))}, "
            "or give the path of a file such as my_fix.py."
        )
    return Path(spec.origin)


def _compile(name: str, path: Path, kind: str) -> Original:
    try:
        return Original(path)
    except OSError as error:
        raise BankError(f"The {kind} {name} cannot be read ({error.strerror}): give the path of a file.") from error
    except (MemoryError, RecursionError) as error:
        raise BankError(f"The {kind} {name} is not Python (it is nested too deeply): repair it first.") from error
    except (SyntaxError, ValueError) as error:
        raise BankError(f"The {kind} {name} is not Python ({_say_syntax(error)}): repair it first.") from error


def _say_syntax(error: SyntaxError | ValueError) -> str:
    if not isinstance(error, SyntaxError):
        return str(error)
    return f"line {error.lineno}: {error.msg}" if error.lineno else error.msg
