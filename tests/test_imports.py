"""Imports run one way (docs/architecture.md): a room may use the rooms that are listed for it, and no others."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parent.parent / "accounts"

# Each room and what it may import of ours. "" is anything that is not ours.
ROOMS = {
    "errors": set(),
    "evidence": set(),
    "failures": set(),
    "planning": set(),
    "stories": {"evidence"},
    "contention": {"failures"},
    "models": {"contention"},
    "ledger": {"models"},
    "recorder": {"models"},
    "explorer": set(),
    "isolation": set(),
    "strategies": {"contention", "errors", "failures", "isolation", "models", "ledger", "recorder"},
    "presence": set(),
    "archive": {"evidence", "models", "stories"},
    "reports": {"archive", "evidence", "isolation", "models", "presence", "stories", "strategies"},
    "explanations": {"archive", "evidence", "models", "reports", "stories"},
    "operations": {"models"},
    "early_judging": {"archive", "isolation", "models", "reports"},
    "sharing": {"models"},
    "session_names": set(),
    "jobs": {
        *("contention", "early_judging", "failures", "models", "presence", "reports", "session_names", "sharing"),
        "strategies",
    },
    "roles": set(),
    "lifeline": set(),
    "workers": {"errors", "roles", "session_names"},
    "queueing": {"models", "planning", "strategies"},
    "endings": {"models"},
    "watchdog": {"endings", "errors", "failures", "models", "queueing", "roles", "workers"},
    "following": {"endings", "errors", "failures", "models", "watchdog", "workers"},
    "storms": {
        *("endings", "errors", "following", "jobs", "models", "planning", "queueing", "reports", "strategies"),
        "workers",
    },
    "scratch": {"archive", "evidence", "models", "planning"},
    "scenarios": {"errors", "explorer", "failures", "ledger", "models", "planning", "scratch", "strategies"},
    "verdicts": {"archive", "evidence", "explorer", "failures", "models", "scratch", "stories"},
    "timeline": {"explorer", "scenarios"},
    "exploration": {"errors", "explorer", "failures", "scenarios", "scratch", "timeline", "verdicts"},
    "saved_explorations": {"errors", "exploration", "failures", "models", "scenarios"},
    "expectations": {"reports"},
    "lecture": {"errors", "expectations", "models", "reports", "storms"},
    "matrix": {"errors", "expectations", "models", "reports", "storms", "strategies"},
}
ROOMS |= {
    "cuts": set(),
    "crossings": {"cuts"},
    "headlines": set(),
    "neighbourhoods": {"cuts", "models"},
    "sparklines": set(),
    "audited": {"models", "sparklines"},
    "comparisons": {"audited", "expectations", "lecture", "models", "reports", "sparklines"},
    "documents": {
        "audited",
        "comparisons",
        "dissections",
        "expectations",
        "models",
        "reports",
        "sparklines",
        "stories",
        "storms",
        "strategies",
    },
    "dissections": {"crossings", "cuts", "headlines", "models", "neighbourhoods", "stories", "strategies"},
}
ROOMS["chaos"] = {"errors", "models", "roles", "session_names", "workers"}
ROOMS["soaking"] = {"archive", "expectations", "matrix", "models", "reports", "strategies"}
ROOMS["benchmarks"] = {
    *("errors", "evidence", "exploration", "models", "planning", "reports", "scenarios", "storms", "strategies"),
    "workers",
}
ROOMS |= {"groups": set(), "charts": set()}
ROOMS["observatory"] = {
    *("charts", "expectations", "lecture", "models", "queueing", "session_names", "storms", "strategies", "workers"),
}
DOORS = {"management", "admin", "apps", "migrations", "templatetags"}  # they may use every room; no room may use them
ROOMS["labs"] = {
    *("errors", "exploration", "explorer", "failures", "isolation", "ledger", "models", "planning", "recorder"),
    *("scenarios", "scratch", "storms", "strategies", "timeline", "verdicts", "workers"),
}


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "accounts" and len(parts) > 1 else None


def imported_rooms(file: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "accounts" else [f"accounts.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        rooms |= {room_of(name) for name in names} - {None}
    return rooms


def files_of(room: str) -> list[Path]:
    return [APP / f"{room}.py"] if (APP / f"{room}.py").exists() else sorted((APP / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports_only_what_it_may(room):
    used = set().union(*(imported_rooms(file) for file in files_of(room)))

    assert used - {room} <= ROOMS[room]


def test_every_room_is_listed():
    rooms = {path.stem for path in APP.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}

    assert rooms - {"__init__"} == ROOMS.keys() | DOORS


def test_evidence_and_planning_are_pure():
    for room in ("evidence", "planning", "stories", "cuts", "crossings", "headlines", "sparklines"):
        assert not any("django" in file.read_text() for file in files_of(room))
