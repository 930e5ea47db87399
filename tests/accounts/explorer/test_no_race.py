"""What is wrong though one session runs after the other is no race, and is said first; what was not done is named."""

from io import StringIO

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = (
    "import threading\n\nfrom django.db import IntegrityError, transaction\n\n"
    "from accounts.models import Account, Transfer\n\n\n"
)
SAME_WAY = {"transfers": "1>2:30,1>2:5", "audits": 0}


@pytest.fixture
def explore_code(explore, tmp_path):
    """explore_code("def transfer(order): ..."): its result, beside one audit."""

    def explore_code(code: str, **options) -> dict:
        file = tmp_path / "my_fix.py"
        file.write_text(HEAD + code)
        return explore(str(file), **options)

    return explore_code


SWALLOWED = """
def transfer(order):
    try:
        with transaction.atomic():
            Account.objects.filter(pk=order.source_id).update(balance=-1)
    except IntegrityError:
        pass
"""


@pytest.mark.parametrize("code", ["def transfer(order):\n    pass\n", SWALLOWED])
def test_transfer_that_was_pending_is_counted_and_named(explore_code, code):
    found = explore_code(code)

    assert found["pending"] == found["schedules"] > 0
    assert found["witness"]["verdict"] == ["still pending"]
    assert found["witness"]["stories"] == [
        "Transfer 1 is still pending: session t ended without an error, and did not end it."
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("async def transfer(order):\n    pass\n", "a coroutine"),
        ("def transfer(order):\n    yield\n", "a generator"),
        ("async def transfer(order):\n    yield\n", "an asynchronous generator"),
    ],
)
def test_error_transfer_that_has_not_begun(explore_code, code, kind):
    found = explore_code(code)

    assert found["errors"] == found["schedules"] == 1
    assert f"transfer() returned {kind}: nothing was done. Write it as a plain function" in found["error"]


def test_transfer_that_raises_is_an_error_and_not_one_that_was_forgotten(explore_code):
    found = explore_code("def transfer(order):\n    raise ValueError('no')\n")

    assert (found["errors"], found["pending"]) == (1, 0)


NEVER_LETS_GO = """
LOCK = threading.Lock()

def transfer(order):
    LOCK.acquire()
    order.end(Transfer.Status.APPLIED)
"""


def test_transfer_that_waits_for_ever_is_not_said_to_have_ended(explore_code):
    found = explore_code(NEVER_LETS_GO, **SAME_WAY)

    assert (found["hung"], found["pending"]) == (found["schedules"], 0)
    assert not any("ended without an error" in story for story in found["witness"]["stories"])


def test_error_without_a_message_and_one_that_ends_with_a_full_stop_are_one_sentence(explore_code):
    code = "def transfer(order):\n    raise {}\n"

    assert explore_code(code.format("ValueError"))["error"].startswith(
        "Session t raised ValueError, before its first step, in the schedule "
    )
    assert explore_code(code.format("ValueError('No idea.')"))["error"].startswith(
        "Session t raised ValueError: No idea, before its first step, in the schedule "
    )


def test_error_without_a_message_is_printed(tmp_path):
    file = tmp_path / "my_fix.py"
    file.write_text("def transfer(order):\n    raise TimeoutError\n")
    out = StringIO()

    call_command("explore", "--transfer-with", str(file), "--audit-with", "single_statement", stdout=out)

    assert "\nt ended with TimeoutError\n" in out.getvalue()


@pytest.mark.parametrize("strategy", ["row_lock", "no_lock", "no_transaction", "conditional_update", "batch"])
def test_transfers_of_ours_are_done_and_right_one_after_the_other(explore, strategy):
    found = explore(strategy, **SAME_WAY)

    assert found["pending"] == 0
    assert found["serial"] is None


CREDITS_ONLY = """
def transfer(order):
    with transaction.atomic():
        target = Account.objects.select_for_update().get(pk=order.target_id)
        target.balance += order.amount
        {sign}
        target.save()
        order.end(Transfer.Status.APPLIED)
"""


@pytest.mark.parametrize("sign", ["pass", "target.last_transfer = order.pk"])
def test_half_that_was_never_written_is_not_said_to_have_come_later(explore_code, sign):
    found = explore_code(CREDITS_ONLY.format(sign=sign), audit_with="single_statement")

    assert found["serial"]["schedule"] == "t t t a"
    assert found["witness"]["stories"][0] == (
        "Audit 1 read 15,030, expected 15,000: transfer 1 (30 from 1 to 2) is on account 2, and was never written on "
        "account 1: 30 too much."
    )


def test_what_is_wrong_in_serial_order_is_said_before_the_counts(tmp_path):
    file = tmp_path / "my_fix.py"
    file.write_text(f"{HEAD}def transfer(order):\n    order.end(Transfer.Status.APPLIED)\n")
    out = StringIO()

    call_command("explore", "--transfer-with", str(file), "--audit-with", "single_statement", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[3] == (
        "Also when one session runs after the other (t a): account off. That is no race: look at it first."
    )


def test_serial_order_is_kept_in_json(explore_code):
    found = explore_code("def transfer(order):\n    order.end(Transfer.Status.APPLIED)\n")

    assert found["serial"] == {"schedule": "t a", "verdict": ["account off"], "weight": 1}
