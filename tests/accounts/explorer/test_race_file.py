"""What a file of races must have, and what is said of one that does not."""

import pytest

from accounts.errors import BankError
from accounts.explorer.race_file import read_race_file

TWO = "def session_anna():\n    pass\n\n\ndef session_ben():\n    pass\n"


def test_success_sessions_in_their_order_and_setup(tmp_path):
    file = tmp_path / "races.py"
    file.write_text(f"{TWO}\n\ndef session_carl(times=1):\n    pass\n\n\ndef setup():\n    return 7\n")

    races = read_race_file(str(file))

    assert list(races.sessions) == ["anna", "ben", "carl"]
    assert races.setup() == 7


def test_success_without_setup(tmp_path):
    file = tmp_path / "races.py"
    file.write_text(TWO)

    assert read_race_file(str(file)).setup is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", " has no function session_NAME(): write two or more, such as `def session_anna():`."),
        ("session_anna = 3\nclass session_ben: pass\n", " has no function session_NAME(): write two or more, "),
        ("def session_anna(): pass\n", " has one session, session_anna(), and a race needs another: write two or more"),
        ("".join(f"def session_{n}(): pass\n" for n in range(7)), " has 7 sessions: write 2 to 6."),
        (
            f"{TWO}def session_ben(): pass\n",
            " defines session_ben() more than once, in lines 5 and 7: give each a na",
        ),
        (f"{TWO}def setup(): pass\ndef setup(): pass\n", " defines setup() more than once, in lines 7 and 8: "),
        (f"{TWO}def session_(): pass\n", "A session of {name} cannot be called session_(): give it another name."),
        (f"{TWO}def session_limit(): pass\n", "A session of {name} cannot be called session_limit(): give it another"),
        (f"{TWO}def session_carl(who): pass\n", "session_carl() of {name} is called without arguments: write `def se"),
        (f"{TWO}def setup(db): pass\n", "setup() of {name} is called without arguments: write `def setup():`."),
        (f"{TWO}setup = 3\n", "setup of {name} cannot be called: write `def setup():`."),
        (
            "from corner_store.models import Ticket\n",
            " cannot be imported (ModuleNotFoundError: No module named 'corner_store'; line 1): if corner_store is "
            "an app, name its folder, as in --app path/to/corner_store.",
        ),
        (
            "from tests.outside_project.concerts.models import Concert\n",
            " cannot be imported (RuntimeError: Model class tests.outside_project.concerts.models.Concert doesn't "
            "declare an explicit app_label and isn't in an application in INSTALLED_APPS.; line 1): if concerts is an "
            "app, name its folder, as in --app path/to/concerts.",
        ),
        (
            "import os.nothing\n",
            " cannot be imported (ModuleNotFoundError: No module named 'os.nothing'; 'os' is not a p",
        ),
        ("\n1 / 0\n", " cannot be imported (ZeroDivisionError: division by zero; line 2): repair it first."),
        ("def session_anna(:\n", "The file {name} is not Python (line 1: invalid syntax): repair it first."),
    ],
)
def test_error_file_without_a_race(content, sentence, tmp_path):
    file = tmp_path / "races.py"
    file.write_text(content)

    with pytest.raises(BankError) as refusal:
        read_race_file(str(file))

    expected = sentence.format(name=file) if "{name}" in sentence else f"{file}{sentence}"
    assert str(refusal.value).startswith(expected)


@pytest.mark.parametrize(("name", "reason"), [("missing.py", "No such file or directory"), ("", "Is a directory")])
def test_error_file_that_cannot_be_read(name, reason, tmp_path):
    with pytest.raises(BankError) as refusal:
        read_race_file(str(tmp_path / name))

    assert str(refusal.value) == f"The file {tmp_path / name} cannot be read ({reason}): give the path of a file."
