"""Students and their records: what one has answered in lab 2, and what a check of the file has found."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from accounts.labs.exercise_outcome import ExerciseOutcome, Shown
from accounts.models import LabRecord

ANSWERS = {"torn": "yes", "end": "yes", "blocked": "no"}
TRUTH = {"torn": "yes", "end": "no", "blocked": "no"}
STEP: dict[str, Any] = {"sql": "", "waited_for": [], "went_on": {}, "error": ""}
EVIDENCE = {
    "columns": {"a": "a: audit", "t": "t: 1 > 2, 30 <b>"},
    "schedule": "t a",
    "verdict": ["torn"],
    "stories": [],
    "balances": {"1": 4970, "2": 10030},
    "hung": [],
    "steps": [
        STEP | {"session": "t", "step": "take LOCK"},
        STEP | {"session": "a", "step": "SELECT 1 -> <i>"},
    ],
}
EXERCISE = "/somewhere/exercise.py"
SHOWN = {
    "schedules": 2,
    "exhaustive": True,
    "counts": [["an account ends with the wrong balance", 1], ["an audit is torn", 2]],
    "compared": [["Without a thread <s>", {"schedules": 1, "exhaustive": True, "counts": []}]],
    "detail": "It read 20 <u>too much.",
    "evidence": EVIDENCE
    | {
        "steps": [
            STEP | {"session": name, "step": text, "code": [{"file": EXERCISE, "line": line, "function": "f"}]}
            for name, text, line in (("t", "take LOCK", 2), ("a", "SELECT 1 -> <i>", 4))
        ]
    },
    "file": {"path": EXERCISE, "text": "def transfer(order):\n    move(order)\ndef audit(bank):\n    return '<b>'\n"},
}
OUTCOME = ExerciseOutcome(TRUTH, Shown.from_values(SHOWN))
VERDICT = {
    "lab": 2,
    "passed": False,
    "score": 3,
    "max_score": 8,
    "checks": [
        {"name": "first", "passed": True, "points": 3, "message": "It holds.", "evidence": None},
        {"name": "second", "passed": False, "points": 4, "message": "In 1 of 2 schedules <u>", "evidence": EVIDENCE},
        {"name": "third", "passed": False, "points": 1, "message": "Not run: first repair.", "evidence": None},
    ],
}


def log_in(name: str, group: str) -> Client:
    """The browser of a new member of this group."""
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def labs_url(page: str, *args: int) -> str:
    """The address of a page of the labs: "" is their list, "_lab" one of them, "_board" the class."""
    return reverse(f"admin:labs{page}", args=args)


def keep_record(student: str, number: int = 2, **facts) -> LabRecord:
    return LabRecord.objects.create(student=student, lab=number, **facts)
