"""Of a strategy's file, the lines of one function and of what it uses."""

from pathlib import Path

from accounts.reporting.source_excerpt import lines_behind

SOURCE = '''"""It tells everything."""
import threading

LOCK = threading.RLock()
PROMISE = 1


def transfer(order):
    with LOCK:
        return once(order)


@staticmethod
def once(order):
    return order


def audit(bank):
    return bank
'''


def lines(function: str) -> list[str]:
    return [SOURCE.splitlines()[number - 1] for number in lines_behind(SOURCE, function)]


def test_function_is_shown_with_what_it_names_and_nothing_else():
    assert lines("transfer") == [
        "LOCK = threading.RLock()",
        "def transfer(order):",
        "    with LOCK:",
        "        return once(order)",
        "@staticmethod",
        "def once(order):",
        "    return order",
    ]
    assert lines("audit") == ["def audit(bank):", "    return bank"]


def test_docstrings_and_promises_of_our_own_strategies_are_not_shown():
    for path in Path("accounts/strategies").glob("*.py"):
        source = path.read_text()
        for function in ("transfer", "audit"):
            shown = "\n".join(source.splitlines()[number - 1] for number in lines_behind(source, function))
            assert "_HOLD" not in shown
            assert source.splitlines()[0] not in shown


def test_error_nothing_of_a_file_that_is_no_python_or_has_no_such_function():
    assert lines_behind("def transfer(:", "transfer") == []
    assert lines_behind("x = 1", "transfer") == []
