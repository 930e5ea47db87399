"""PostgreSQL's programs: when one fails, the first line that tells why is said."""

import pytest

from interleavings.postgres import programs
from interleavings.postgres.errors import EmbeddedServerError

TIME = "2026-01-02 03:04:05.678 +03 [99] "


@pytest.mark.parametrize(
    ("lines", "telling"),
    [
        (
            ["LOG:  starting PostgreSQL 18.1", f"{TIME}FATAL:  no", "LOG:  the database system is shut down"],
            "FATAL:  no",
        ),
        (
            [f"{TIME}PANIC:  No space left on device", f"{TIME}FATAL:  the consequence"],
            "PANIC:  No space left on device",
        ),
        ([f"{TIME}FATAL:  the database system is starting up", "FATAL:  the cause"], "FATAL:  the cause"),
        (
            ["waiting for server to start..../bin/sh: 1: cannot create x: Is a directory"],
            "/bin/sh: 1: cannot create x: Is a directory",
        ),
        (["waiting for server to start....", "pg_ctl: could not start server", "Examine the log output."], ""),
        (["initdb: error: first", "initdb: removing data directory"], "initdb: error: first"),
        (["all is well"], ""),
        ([], ""),
    ],
)
def test_first_telling_line_is_the_cause(lines, telling):
    assert programs.first_telling(lines) == telling


@pytest.mark.processes
def test_error_of_this_run_is_told_not_one_that_the_log_kept(tmp_path):
    log = tmp_path / "server.log"
    log.write_text("FATAL:  long ago\n")

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18\n")
    tmp_path.chmod(0o755)

    with pytest.raises(EmbeddedServerError, match=r"failed \(pg_ctl status\): pg_ctl: no server running\. Look into"):
        programs.run("pg_ctl", "status", "-D", "data", cwd=tmp_path, log=log)


def test_error_programs_that_are_not_installed(monkeypatch):
    monkeypatch.setattr(programs, "PACKAGE", "no_such_package")
    programs.folder.cache_clear()
    try:
        with pytest.raises(
            EmbeddedServerError, match="18 is not installed: run `pip install .interleavings.postgres..`"
        ):
            programs.folder()
    finally:
        programs.folder.cache_clear()


@pytest.mark.parametrize("name", ['a"b', "a$HOME", "a`id`"])
def test_error_programs_in_a_path_that_a_shell_interprets(name, tmp_path, monkeypatch):
    package = tmp_path / name / "a_package"
    (package / "pginstall18" / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(programs, "PACKAGE", "a_package")
    programs.folder.cache_clear()
    try:
        with pytest.raises(EmbeddedServerError, match="hand their own path to a shell"):
            programs.folder()
    finally:
        programs.folder.cache_clear()
