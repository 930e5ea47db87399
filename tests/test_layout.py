"""Tests mirror the code: each test module stands at the path of the module that it tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PROJECT = TESTS.parent
TEST_MODULES = sorted(TESTS.rglob("test_*.py"))

# What tests more than one module, and where it stands instead.
SCENARIOS = {
    "test_docs.py": "the documents",
    "test_imports.py": "the rooms",
    "test_layout.py": "the tests",
    "test_teachers_guide.py": "a lesson, command by command",
    "accounts/faults/test_new_kind.py": "a kind of fault is one file",
    "accounts/strategies/test_new_strategy.py": "a strategy is one file",
    "bad_input/": "input that cannot be, at every door: commands, forms, environment, rows, disk",
    "browser/": "a lesson and the layout of all pages, in a real browser",
    "outside_project/": "a project that has our wheel, and nothing else of ours",
    "support/": "what tests share",
    "accounts/explorer/test_all_pairs.py": "every pair of strategies, explored",
    "accounts/explorer/test_determinism.py": "the same schedule has the same outcome",
    "accounts/explorer/test_equal_reports.py": "an exploration has one report, however often it is made",
    "accounts/explorer/test_facts.py": "what is known about the races",
    "accounts/explorer/test_hostile.py": "strategies that mislead the pruning",
    "accounts/explorer/test_no_race.py": "what is wrong without any race",
    "accounts/faults/test_promises.py": "what a fault costs those who promise nothing against it",
    "accounts/labs/test_common_wrong_answers.py": "wrong answers that are common to all labs",
    "accounts/labs/test_every_lab.py": "the exercises",
    "accounts/labs/test_facts.py": "what the texts of the labs say about PostgreSQL and Django",
    "accounts/labs/test_no_race.py": "what is wrong without any race, in a check",
    "accounts/labs/test_not_graded_yet.py": "what could not be proved",
    "accounts/labs/test_other_repairs.py": "repairs that the hints promise",
    "accounts/labs/test_sentences.py": "what a student is told",
    "accounts/labs/test_true_sentences.py": "what a student is told was seen",
    "accounts/strategies/test_across_machines.py": "which locks hold across machines",
    "accounts/strategies/test_on_workers.py": "strategies on real workers",
    "accounts/strategies/test_strategies.py": "every strategy in fixed schedules",
    "interleavings/test_no_false_alarm.py": "code of a stranger's project without a race",
    "interleavings/test_nothing_is_missed.py": "races that show where it is easy not to look",
    "interleavings/test_own_code.py": "triggers and rules of the database",
    "interleavings/test_finding_nothing.py": "one rule of the pruning, in calls made to break it",
    "interleavings/test_random_calls.py": "calls drawn at random",
    "interleavings/test_pruning.py": "how few schedules ordinary code needs",
    "interleavings/test_samples.py": "races that were reported of real projects",
    "interleavings/postgres/test_damaged.py": "a folder whose files are damaged",
    "interleavings/postgres/test_kills.py": "a server whose users and keepers are killed",
    "interleavings/postgres/test_paths.py": "folders with odd names",
    "interleavings/postgres/test_threads.py": "a server that many threads use",
}


def name_of(file: Path) -> str:
    return file.relative_to(TESTS).as_posix()


def is_scenario(name: str) -> bool:
    return any(name == scenario or (scenario.endswith("/") and name.startswith(scenario)) for scenario in SCENARIOS)


@pytest.mark.parametrize("file", TEST_MODULES, ids=name_of)
def test_module_stands_where_what_it_tests_stands(file):
    folder = PROJECT / file.relative_to(TESTS).parent
    name = file.stem.removeprefix("test_")

    mirrors = (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()
    assert mirrors != is_scenario(name_of(file)), "it stands at no module's path, or it is listed although it does"


def test_every_scenario_is_there():
    assert [name for name in SCENARIOS if not (TESTS / name).exists()] == []


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("file", sorted(TESTS.rglob("*.py")), ids=name_of)
def test_module_takes_what_is_shared_from_support_only(file):
    ours = [name for name in imports_of(file) if name.split(".")[0] == "tests"]

    assert [name for name in ours if not name.startswith("tests.support.")] == []
