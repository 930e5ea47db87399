"""A schedule beside its code: which line is lit, what others see of the accounts, who waits."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from accounts.explorer.replay import replay
from accounts.models import SavedExploration
from accounts.reporting.schedule_code import ScheduleCode, schedule_code
from tests.support.explorations import plan, wait_for_explorations
from tests.support.pages import content

pytestmark = pytest.mark.django_db(transaction=True)

TORN = "a t t t t a a"
BLOCKED = "t (a) t t t a"


def code_at(step: int, schedule: str, transfer_with: str = "row_lock", audit_with: str = "no_lock") -> ScheduleCode:
    chosen = plan(transfer_with, audit_with)
    return schedule_code(chosen, replay(chosen, schedule).report().steps, step)


def chosen_lines(code: ScheduleCode) -> list[tuple[str, str]]:
    """Of each source: the text of the line that is lit."""
    return [
        (source.function, re.sub("<[^>]*>", "", line.html).strip())
        for source in code.sources
        for line in source.lines
        if line.is_chosen
    ]


@pytest.mark.parametrize(
    ("step", "function", "beginning"),
    [
        (1, "audit", "return [read("),
        (2, "transfer", "rows = {row.pk: row for row in order.lock_accounts("),
        (3, "transfer", "post(order, rows["),
        (5, "transfer", "with transaction.atomic("),
        (7, "audit", "with transaction.atomic("),
    ],
)
def test_step_lights_the_line_of_its_strategy_that_sent_it(step, function, beginning):
    ((lit_in, text),) = chosen_lines(code_at(step, TORN))

    assert lit_in == function
    assert text.startswith(beginning[:20])


def test_taking_a_python_lock_lights_its_line_too():
    lit = [chosen_lines(code_at(step, "t t", "python_lock", "python_lock")) for step in (1, 2)]

    assert [text.partition("(")[0] for ((_function, text),) in lit] == ["with held", "source = Account.objects.get"]


def test_other_sessions_are_shown_at_the_line_where_they_stand():
    code = code_at(3, TORN)

    at = {name: source.function for source in code.sources for line in source.lines for name in line.sessions}
    assert at == {"t": "transfer", "a": "audit"}


def test_of_an_excerpt_only_the_lines_of_the_functions_are_there_and_are_lit():
    chosen = plan("python_lock", "no_lock")
    code = schedule_code(chosen, replay(chosen, "t").report().steps, 1, names_strategies=False, is_excerpt=True)

    texts = [[re.sub("<[^>]*>", "", line.html).strip() for line in source.lines] for source in code.sources]
    assert [source.title for source in code.sources] == ["The transfer", "The audit"]
    assert [lines[0] for lines in texts] == ["LOCK = threading.RLock()", "def audit(bank: Bank) -&gt; list[Reading]:"]
    assert [len(lines) for lines in texts] == [6, 3]
    assert [text.partition("(")[0] for _function, text in chosen_lines(code)] == ["with held"]


def test_step_that_is_not_there_is_the_nearest_one():
    assert [code_at(step, TORN).step for step in (-5, 0, 1, 7, 99)] == [1, 1, 1, 7, 7]
    assert (code_at(1, TORN).previous, code_at(7, TORN).next) == (None, None)


def test_page_of_an_exploration_shows_both_files_and_leads_from_step_to_step(admin_client):
    form = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfers": "1>2:30", "account_count": 2}
    admin_client.post(reverse("admin:accounts_savedexploration_add"), form | {"audit_count": 1, "processes": "shared"})
    wait_for_explorations()
    page = reverse("admin:accounts_savedexploration_change", args=[SavedExploration.objects.get().pk])

    shown = content(admin_client.get(page, {"schedule": TORN, "step": "3"}))

    assert "Transfer: row_lock.py" in shown
    assert "Audit: no_lock.py" in shown
    assert shown.count('class="chosen" aria-current="step">') == 1
    assert 'id="step-previous" href="?schedule=a+t+t+t+t+a+a&amp;step=2#schedule"' in shown
    assert 'id="step-next" href="?schedule=a+t+t+t+t+a+a&amp;step=4#schedule"' in shown
    for step in ("", "x", "-1", "9" * 30):
        assert "Step 1 of 7" in content(admin_client.get(page, {"schedule": TORN, "step": step}))


def test_strategy_that_is_gone_leaves_the_other_one_s_code():
    steps = replay(plan("row_lock", "no_lock"), TORN).report().steps

    gone = schedule_code(replace(plan("row_lock", "no_lock"), audit_with="gone"), steps, 1)

    assert [source.function for source in gone.sources] == ["transfer"]


def test_before_the_first_step_nothing_is_lit():
    code = schedule_code(plan("row_lock", "no_lock"), [], 0)

    assert (code.step, code.step_count, chosen_lines(code)) == (0, 0, [])


def test_lock_of_a_process_is_named_as_in_the_table():
    chosen = replace(plan("python_lock", "python_lock"), processes="separate")

    code = schedule_code(chosen, replay(chosen, "a t").report().steps, 1)

    assert code.text == "take LOCK (of process 2)"
