"""Nothing is written beside the code where that is not wanted, and yet nothing is compiled twice."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.support import bytecode


@pytest.fixture
def code(tmp_path, monkeypatch):
    """A module, in a process that was told to write no bytecode."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "module.py").touch()
    return folder


def files_after_an_import(code, folder) -> list[str]:
    subprocess.run([sys.executable, "-c", "import module"], cwd=code, check=True)
    assert [path.name for path in code.iterdir()] == ["module.py"]
    return [path.name for path in folder.rglob("module.*.pyc")]


@pytest.mark.processes
def test_processes_write_bytecode_into_the_cache(code, tmp_path):
    cache = tmp_path / "cache"

    assert files_after_an_import(code, cache) == []
    bytecode.pytest_configure(SimpleNamespace(cache=SimpleNamespace(mkdir=cache.joinpath)))

    assert len(files_after_an_import(code, cache)) == 1


def test_what_python_does_is_left_alone_where_it_may_write_or_there_is_no_cache(code, monkeypatch):
    bytecode.pytest_configure(SimpleNamespace())
    assert (sys.dont_write_bytecode, sys.pycache_prefix) == (True, None)

    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    bytecode.pytest_configure(SimpleNamespace(cache=None))
    assert sys.pycache_prefix is None
