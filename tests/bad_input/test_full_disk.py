"""A disk that is full: one sentence, nothing half-done, and when there is room again, all goes on."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import finish, manage

pytestmark = pytest.mark.processes

SMALL = ("--transfers", "10", "--audits", "1", "--workers", "1")
NO_SPACE = "No space left on device"


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A file system of 100 MB, in memory."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=100m,mode=755", "tmpfs", str(tmp_path)]
    if os.name == "nt" or os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("Only root can mount a small file system here.")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def bank(disk: Path, *arguments: str) -> tuple[int, str, str]:
    return finish(manage(*arguments, env={"BANK_HOME": str(disk / "bank"), "BANK_DATABASE_NAME": "bank"}))


def fill(disk: Path) -> Path:
    """Write until nothing more can be written."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return filler


def assert_one_sentence(answer: tuple[int, str, str], *, with_status: int = 1) -> None:
    status, out, err = answer
    assert (status, out) == (with_status, ""), err
    assert NO_SPACE in err
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err


@pytest.mark.thorough
def test_error_no_room_for_a_new_server(disk):
    filler = fill(disk)
    assert_one_sentence(bank(disk, "storm", *SMALL), with_status=2)  # no secret key

    filler.unlink()
    assert bank(disk, "storm", *SMALL)[0] == 0


@pytest.mark.parametrize("free_bytes", [0, 200_000])
def test_error_no_room_for_the_data_of_a_new_server(free_bytes, disk):
    (disk / "bank").mkdir()
    (disk / "bank" / "secret_key").write_text("a key")
    filler = fill(disk)
    os.truncate(filler, filler.stat().st_size - free_bytes)

    assert_one_sentence(bank(disk, "explain", "last"))


@pytest.mark.thorough
def test_error_no_room_for_a_server_to_start(disk):
    assert bank(disk, "storm", *SMALL)[0] == 0
    filler = fill(disk)
    assert_one_sentence(bank(disk, "explain", "last"))

    filler.unlink()
    assert bank(disk, "explain", "last")[0] == 0


def test_error_no_room_for_a_storm(disk):
    assert bank(disk, "storm", *SMALL)[0] == 0
    filler = fill(disk)
    assert_one_sentence(bank(disk, "storm", "--transfers", "20000", "--audits", "1"))

    filler.unlink()
    status, out, _err = bank(disk, "explain", "last")
    assert status == 0
    assert out.startswith("Storm 1: ")
