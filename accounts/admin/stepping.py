"""Schedules by hand: what a press of a button makes of a schedule, and what a page shows of a schedule run so far.

The schedule stands in the page's address, so that the browser's Back is the undo, and any state can be linked.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from accounts.errors import BankError
from accounts.explorer.plan import Plan
from accounts.explorer.replay import Replay, replay
from accounts.explorer.timeline import headings
from accounts.reporting.lock_names import locks_are_apart, name_locks, name_process
from accounts.reporting.schedule_code import schedule_code
from accounts.reporting.schedule_table import schedule_rows

MAX_WORDS = 200
SESSION = re.compile(r"\(*([^()>]*)")  # of a word: t, (t) or t>a


def words_in(schedule: str) -> list[str]:
    """The words of a schedule; of one that is longer than any that can be run, its beginning."""
    return schedule.split()[:MAX_WORDS]


def after_press(pressed: QueryDict) -> list[str]:
    """The words of the form's schedule after the button that was pressed: "press", "undo", or "again"."""
    words = words_in(pressed.get("schedule", ""))
    if "again" in pressed:
        return []
    if "undo" in pressed:
        return words[:-1]
    return [*words, *words_in(pressed.get("press", ""))[:1]]


def see(request: HttpRequest, words: list[str], **others: str) -> HttpResponse:
    """Send the browser to the page of this schedule, at the same address."""
    query = {"schedule": " ".join(words)} | others
    return HttpResponseRedirect(f"{request.path}?{urlencode({name: value for name, value in query.items() if value})}")


@dataclass(frozen=True)
class Played:
    """A schedule that was run by hand."""

    replay: Replay
    words: list[str]
    refusal: str  #: why not all of the words could be taken; empty if they could

    @property
    def schedule(self) -> str:
        return " ".join(self.words)

    @property
    def query(self) -> str:
        """What follows the page's address to get this schedule."""
        return f"?{urlencode({'schedule': self.schedule})}"


def play(plan: Plan, words: list[str]) -> Played:
    """Run the schedule; if that is refused: without its last step, or only up to the start, and say why."""
    refusal = ""
    for tried in (words, words[:-1]):
        try:
            return Played(replay(plan, " ".join(tried)), tried, refusal)
        except BankError as error:
            refusal = refusal or str(error)
    return Played(replay(plan, ""), [], refusal)


def describe(
    plan: Plan, played: Played, *, step: int | None = None, names_strategies: bool = True, is_excerpt: bool = False
) -> dict[str, Any]:
    """What a page shows of a schedule that was run by hand: its buttons, its table, the code and the accounts.

    `step`: the one that is shown; None: the last one. The page leads to each of them: a look back takes none of them
    back, for the buttons go on after the last one.
    `is_excerpt`: of the strategies' files, only the lines of their functions.
    """
    report, sessions = played.replay.report(), list(plan.sessions)
    hung = () if report.ended is None else report.ended.hung
    ended = set(sessions) - report.ready.keys() - report.blocked.keys() - set(hung)
    rows = name_locks(plan.processes, sessions, schedule_rows(sessions, report.steps), ended=ended)
    ready = {name: name_process(plan.processes, text, sessions.index(name)) for name, text in report.ready.items()}
    texts = [*report.ready.values(), *(step.text for step in report.steps)]
    return {
        "played": report.as_values() | {"rows": rows},
        "schedule": played.schedule,
        "refusal": played.refusal,
        "buttons": _buttons(played.words, ready, sessions),
        "headings": list(headings(plan, names_strategies=names_strategies).values()),
        "code": schedule_code(
            plan,
            report.steps,
            len(report.steps) if step is None else step,
            still=set(sessions) - ended,
            names_strategies=names_strategies,
            is_excerpt=is_excerpt,
        ),
        "locks_are_apart": locks_are_apart(plan.processes, texts),
        "steps_url": played.query,
    }


def _buttons(words: list[str], ready: dict[str, str], sessions: list[str]) -> list[dict[str, Any]]:
    """A button for each session that can take a step: its key, and whether it has the focus when the page is there.

    A session's key is its place among all sessions. The one that was pressed last keeps the focus while it can go on.
    """
    pressed = SESSION.match(words[-1]) if words else None
    last = pressed[1] if pressed else ""
    focused = last if last in ready else next(iter(ready), "")
    return [
        {"session": name, "text": text, "key": sessions.index(name) + 1, "has_focus": name == focused}
        for name, text in ready.items()
    ]
