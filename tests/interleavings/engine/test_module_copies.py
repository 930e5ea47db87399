"""Private copies of modules, also where explorations run side by side in threads of one process."""

import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

from accounts.strategies import load
from interleavings.engine.code_place import is_users
from interleavings.engine.module_copies import Original


def test_copies_made_in_threads_leave_the_module_that_others_import(tmp_path, monkeypatch):
    """The one whose code begins last ends last, if both can get there at once."""
    module = load("python_lock", "transfer")
    file = tmp_path / "slow.py"
    file.write_text("import gate\ngate.meet()\n")
    original = Original(file, name=module.__name__)
    barrier, is_one_made = threading.Barrier(2), threading.Event()

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            if barrier.wait(timeout=0.2) == 1:
                is_one_made.wait(timeout=5)

    def copy() -> None:
        original.copy("a copy")
        is_one_made.set()

    monkeypatch.setitem(sys.modules, "gate", SimpleNamespace(meet=meet))
    threads = [threading.Thread(target=copy) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sys.modules[module.__name__] is module


def test_code_of_a_file_in_the_current_folder_is_known_as_the_users(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("def call():\n    return 1\n")
    monkeypatch.chdir(tmp_path)

    original = Original("mine.py")

    assert is_users(original.code.co_filename)
    assert original.path == Path("mine.py"), "messages name it as it was given"
