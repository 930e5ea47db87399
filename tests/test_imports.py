"""Imports run one way (docs/architecture.md): a room may use the rooms that are listed for it, and no others."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
APP = PROJECT / "accounts"

# Each room of accounts/, and what it may import of ours beside "errors". From the ground up.
ROOMS = {
    "db": set(),
    "models": {"db"},
    "strategies": {"db", "models", "ledger"},
    "evidence": {"models"},  # only rows.py; all else is pure
    "cluster": {"db"},
    "storms": {"cluster", "db", "evidence", "models", "strategies"},
    "explorer": {"cluster", "db", "evidence", "interleavings", "ledger", "models", "strategies"},
    "scenes": {"db", "explorer", "interleavings", "models"},
    "reporting": {"cluster", "db", "evidence", "explorer", "models", "storms", "strategies"},
    "faults": {"cluster", "db", "evidence", "models", "storms", "strategies"},
    "labs": {"cluster", "db", "explorer", "interleavings", "ledger", "models", "storms", "strategies"},
}
FILES = {  # in accounts/ itself
    "errors": set(),
    "ledger": {"db", "models"},  # what strategies share; students' files import it
    "permissions": set(),
    "apps": {"db", "permissions"},
}
DJANGOS = {"admin", "management", "templatetags", "migrations"}  # they may use every room; no room may use them
MAY_USE = ROOMS | FILES


def modules_of(room: str) -> list[Path]:
    return [APP / f"{room}.py"] if (APP / f"{room}.py").exists() else sorted((APP / room).rglob("*.py"))


def imports_of(file: Path) -> Iterator[str]:
    """The dotted names of all modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from [node.module] if "." in node.module else [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            yield from [name.name for name in node.names]


def rooms_used_by(room: str) -> set[str]:
    parts = [name.split(".") for file in modules_of(room) for name in imports_of(file)]
    used = {names[1] for names in parts if names[0] == "accounts" and len(names) > 1}
    return (used | {names[0] for names in parts} & {"interleavings"}) - {room, "errors"}


@pytest.mark.parametrize("room", MAY_USE)
def test_room_imports_only_what_it_may(room):
    assert rooms_used_by(room) <= MAY_USE[room]


@pytest.mark.parametrize("room", MAY_USE)
def test_room_uses_what_is_listed_for_it(room):
    assert rooms_used_by(room) >= MAY_USE[room]


def test_every_room_is_listed():
    rooms = {path.stem for path in APP.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}

    assert rooms - {"__init__"} == MAY_USE.keys() | DJANGOS


def test_no_circle():
    TopologicalSorter(MAY_USE).prepare()  # raises CycleError


def test_circle_is_noticed():
    with pytest.raises(ValueError, match="cycle"):
        TopologicalSorter(MAY_USE | {"db": {"labs"}}).prepare()


EXTRA = {"fasteners", "psutil"}  # what interleavings/postgres needs


def test_interleavings_knows_nothing_of_the_bank():
    imported = {name.split(".")[0] for file in (PROJECT / "interleavings").rglob("*.py") for name in imports_of(file)}

    assert imported & {"accounts", "bankproject"} == set()
    assert imported <= {*sys.stdlib_module_names, "django", "psycopg", "pytest", "interleavings", *EXTRA}


def test_interleavings_works_without_its_postgres():
    """The extra [postgres] is optional: the rest of the library uses neither the backend nor what it needs."""
    library = PROJECT / "interleavings"
    rest = [file for file in library.rglob("*.py") if library / "postgres" not in file.parents]
    imported = {name for file in rest for name in imports_of(file)}

    assert {name for name in imported if name.startswith("interleavings.postgres")} == set()
    assert {name.split(".")[0] for name in imported} & EXTRA == set()


def test_postgres_works_without_the_rest_of_interleavings():
    """A project may use the backend for its work, too: it loads no engine."""
    imported = {name for file in (PROJECT / "interleavings" / "postgres").rglob("*.py") for name in imports_of(file)}
    ours = {name for name in imported if name.startswith("interleavings")}

    assert {name for name in ours if name.split(".")[:2] != ["interleavings", "postgres"]} == set()


def test_outside_project_has_nothing_of_ours_but_the_wheel():
    files = (PROJECT / "tests" / "outside_project").rglob("*.py")
    imported = {name.split(".")[0] for file in files for name in imports_of(file)}

    assert imported & {"accounts", "bankproject", "tests"} == set()
    assert imported <= {"concerts", "django", "interleavings", "pytest"}


PURE = [
    *(file for file in modules_of("evidence") if file.stem != "rows"),
    *sorted((APP / "reporting" / "charts").rglob("*.py")),
    *(APP / "reporting" / f"{name}.py" for name in ("audit_headline", "audit_kind", "half_seen")),
    APP / "storms" / "workload.py",
    APP / "models" / "opening.py",
]


@pytest.mark.parametrize("file", PURE, ids=lambda file: str(file.relative_to(APP)))
def test_pure_module_imports_no_django(file):
    ours = {"accounts.evidence", "accounts.reporting", "accounts.models.opening"}
    others = {name for name in imports_of(file) if not any(name.startswith(one) for one in ours)}

    assert {name.split(".")[0] for name in others} <= set(sys.stdlib_module_names)


def test_interleavings_does_not_name_the_bank():
    """Not in a word either: it is a library for any project."""
    texts = {file: file.read_text(encoding="utf-8") for file in (PROJECT / "interleavings").rglob("*.py")}

    assert [file.name for file, text in texts.items() if re.search(r"(?i)bank|account|\blabs?\b", text)] == []
