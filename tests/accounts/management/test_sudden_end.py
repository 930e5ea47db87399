"""`explore` of a file that ends the whole program: one sentence, and a status that is not that of a proof."""

import pytest

from accounts.management.sudden_end import say_sudden_end
from tests.support.processes import finish, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

AT_IMPORT = "import os\nos._exit(0)\n\ndef audit(bank): ...\n"
IN_A_SESSION = "import os\n\ndef audit(bank):\n    os._exit(0)\n"
BECOMES_ANOTHER = "import os, sys\nos.execlp(sys.executable, sys.executable, '-c', '')\n\ndef audit(bank): ...\n"
OF_RACES = "import os\n\ndef session_a():\n    os._exit(0)\n\ndef session_b(): ...\n"


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize(
    ("code", "option", "expected", "function"),
    [
        (AT_IMPORT, ["--audit-with"], 1, "_exit"),
        (IN_A_SESSION, ["--audit-with"], 1, "_exit"),
        (OF_RACES, [], 2, "_exit"),
        (BECOMES_ANOTHER, ["--audit-with"], 1, "execv"),
    ],
    ids=["at import", "in a session", "races", "another program"],
)
def test_error_file_that_ends_the_program(tmp_path, code, option, expected, function):
    file = tmp_path / "my_file.py"
    file.write_text(code)

    status, out, err = finish(manage("explore", *option, str(file)))

    assert (status, out) == (expected, "")
    assert err == f"{say_sudden_end(function)}\n"
