"""An embedded server of a test's own, and others that use it."""

from collections.abc import Iterator

import pytest

from interleavings.postgres.server import Server


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    server = Server(tmp_path / "a folder with spaces" / "postgres")
    yield server
    server.stop()
    server.close()


@pytest.fixture(scope="session")
def running_server(tmp_path_factory) -> Iterator[Server]:
    """A server in use, for tests that leave it as good as it was: to make one takes a second."""
    server = Server(tmp_path_factory.mktemp("running") / "postgres")
    server.use()
    yield server
    server.close()
