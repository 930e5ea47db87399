"""A file of races: setup(), if there is one, and a function session_NAME() for each session."""

import ast
import inspect
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from accounts.errors import BankError
from accounts.explorer.strategy_files import look_at, say_error
from interleavings import explore
from interleavings.calls import MAX_CALLS, MIN_CALLS

PREFIX = "session_"
SETUP = "setup"
KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY
EXAMPLE = f"write two or more, such as `def {PREFIX}anna():`."
# What Django says of a model whose app is not in INSTALLED_APPS.
_NOT_INSTALLED = re.compile(r"Model class (?:\w+\.)*?(\w+)\.models\.\S+ doesn't declare an explicit app_label")

# A session cannot have these names: explore() takes options that are called so.
OPTIONS = {
    name
    for name, parameter in inspect.signature(explore).parameters.items()
    if parameter.kind == parameter.KEYWORD_ONLY
}


@dataclass(frozen=True)
class RaceFile:
    """What a file of races holds."""

    name: str  #: as it was given
    path: Path
    setup: Callable[[], Any] | None  #: makes the rows with which every schedule begins
    sessions: Mapping[str, Callable[[], Any]]  #: by their names, without the prefix
    module: ModuleType | None = None  #: in which they look for what they call


def read_race_file(name: str) -> RaceFile:
    """The file, executed. Raises BankError, with the line if there is one, for one that holds no race."""
    path = Path(name)
    module = _import(name, path)
    _check_defined_once(name, path)
    sessions = _sessions(module)
    _check_sessions(name, sessions)
    setup = getattr(module, SETUP, None)
    for function in (*sessions, *([SETUP] if setup else [])):
        _check_takes_nothing(name, function, getattr(module, function))
    return RaceFile(name, path, setup, {full.removeprefix(PREFIX): call for full, call in sessions.items()}, module)


def _import(name: str, path: Path) -> ModuleType:
    try:
        return look_at(name, path, kind="file")[1]
    except BankError as refusal:
        cause = refusal.__cause__
        if cause and (app := _missing_app(cause)):
            raise BankError(
                f"{name} cannot be imported ({say_error(cause, path)}): if {app} is an app, name its folder, as in "
                f"--app path/to/{app}."
            ) from refusal
        raise


def _missing_app(error: BaseException) -> str:
    """The name of the app whose import failed because it is not installed; "" if another thing is wrong."""
    if isinstance(error, ModuleNotFoundError) and error.name and "." not in error.name:
        return error.name
    match = _NOT_INSTALLED.match(str(error))
    return match[1] if match else ""


def _sessions(module: ModuleType) -> dict[str, Callable[[], Any]]:
    return {
        name: value
        for name, value in vars(module).items()
        if name.startswith(PREFIX) and callable(value) and not inspect.isclass(value)
    }


def _check_sessions(name: str, sessions: Mapping[str, object]) -> None:
    if not sessions:
        raise BankError(f"{name} has no function {PREFIX}NAME(): {EXAMPLE}")
    if len(sessions) < MIN_CALLS:
        raise BankError(f"{name} has one session, {next(iter(sessions))}(), and a race needs another: {EXAMPLE}")
    if len(sessions) > MAX_CALLS:
        raise BankError(f"{name} has {len(sessions)} sessions: write {MIN_CALLS} to {MAX_CALLS}.")
    for session in sessions:
        if session.removeprefix(PREFIX) in {"", *OPTIONS}:
            raise BankError(f"A session of {name} cannot be called {session}(): give it another name.")


def _check_defined_once(name: str, path: Path) -> None:
    """Of two functions of one name, Python keeps the last, and the race would be another one than it seems."""
    body = ast.parse(path.read_bytes()).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    counts = Counter(node.name for node in functions if node.name.startswith(PREFIX) or node.name == SETUP)
    twice = next((function for function, count in counts.items() if count > 1), None)
    if twice:
        lines = " and ".join(str(node.lineno) for node in functions if node.name == twice)
        raise BankError(f"{name} defines {twice}() more than once, in lines {lines}: give each a name of its own.")


def _check_takes_nothing(name: str, function: str, call: object) -> None:
    if not callable(call):
        raise BankError(f"{function} of {name} cannot be called: write `def {function}():`.")
    try:
        inspect.signature(call).bind()
    except TypeError as error:
        raise BankError(f"{function}() of {name} is called without arguments: write `def {function}():`.") from error
