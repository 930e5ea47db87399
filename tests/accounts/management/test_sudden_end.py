"""`explore` of a file that ends the whole program: one sentence, and a status that is not that of a proof."""

import pytest

from accounts.management.sudden_end import SENTENCE
from tests.support.processes import finish, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

AT_IMPORT = "import os\nos._exit(0)\n\ndef audit(bank): ...\n"
IN_A_SESSION = "import os\n\ndef audit(bank):\n    os._exit(0)\n"
OF_RACES = "import os\n\ndef session_a():\n    os._exit(0)\n\ndef session_b(): ...\n"


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize(
    ("code", "option", "expected"),
    [(AT_IMPORT, ["--audit-with"], 1), (IN_A_SESSION, ["--audit-with"], 1), (OF_RACES, [], 2)],
    ids=["at import", "in a session", "races"],
)
def test_error_file_that_ends_the_program(tmp_path, code, option, expected):
    file = tmp_path / "my_file.py"
    file.write_text(code)

    status, out, err = finish(manage("explore", *option, str(file)))

    assert (status, out) == (expected, "")
    assert err == f"{SENTENCE}\n"
