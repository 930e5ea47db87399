"""A plugin of pytest: only a test with the marker `processes` may start a process."""

import sys
from collections.abc import Iterator

import pytest

STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.startfile"}
REFUSAL = "This test starts a process ({}). Mark it with pytest.mark.processes."


class Guard:
    """Python tells it of every start of a process; it refuses those of a test without the marker."""

    def __init__(self) -> None:
        self.may_start = True
        self.refusals: list[str] = []

    def __call__(self, event: str, arguments: tuple) -> None:
        if event in STARTS and not self.may_start:
            self.refusals.append(REFUSAL.format(" ".join(map(str, (event, *arguments[:2])))[:200]))
            pytest.fail(self.refusals[-1])


guard = Guard()
sys.addaudithook(guard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    guard.may_start = item.get_closest_marker("processes") is not None
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef) -> Iterator[None]:
    """The first test that needs the database may start the embedded server, for all that come after it."""
    before = guard.may_start
    guard.may_start = before or fixturedef.argname == "django_db_setup"
    try:
        return (yield)
    finally:
        guard.may_start = before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Fail the test also if it caught the refusal, or if another thread was refused."""
    guard.refusals.clear()
    result = yield
    if guard.refusals:
        pytest.fail(guard.refusals[0])
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """What ends here may have been started by another test of its module; a program may be needed to stop it."""
    guard.may_start = True
    return (yield)
