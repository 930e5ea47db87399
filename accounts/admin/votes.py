"""The vote on a scene of the lecture: its page for phones, and its bars on a storm's page."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.admin.bases import ModelAdmin
from accounts.admin.guards import require
from accounts.errors import BankError
from accounts.models import Storm
from accounts.reporting.comparison_columns import ran_on
from accounts.reporting.process_boxes import ProcessBoxes, observe_boxes
from accounts.reporting.scene_votes import SceneVotes, observe_votes
from accounts.reporting.storms_in_a_row import StormsInARow, observe_row
from accounts.storms.votes import MEANINGS, cast_vote, takes_votes, vote_of
from bankproject.htmx import wants_part

EVERY_S = 3  # a class votes more slowly than a storm runs


@dataclass(frozen=True)
class ShownScene:
    """A storm with what the class said of it, as one user may see it."""

    storm: Storm
    votes: SceneVotes
    #: The user's own vote; "" if there is none.
    mine: str
    #: Whether the user sees how the votes are split.
    is_split_shown: bool
    boxes: ProcessBoxes | None
    #: Its place in its row, from 1, and how many are in the row; 0 if it runs alone.
    number: int
    count: int
    #: The page is the storm's own.
    is_here: bool
    #: The teacher can start it now, or when its plan is written.
    is_waiting: bool

    @property
    def ran_on(self) -> str:
        return ran_on(self.storm.worker_count, self.storm.thread_count)

    @property
    def state(self) -> str:
        """Another text whenever the user is shown something else of it."""
        return f"{self.votes.state if self.is_split_shown else self.storm.state}-{self.votes.is_open}-{self.mine}"


class VotePages(ModelAdmin):
    """For the admin of storms: the page on which one votes."""

    def get_urls(self) -> list[URLPattern]:
        vote = path("<int:pk>/vote/", self.admin_site.admin_view(self.vote_view), name="accounts_storm_vote")
        return [vote, *super().get_urls()]

    def vote_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page; to htmx, what changes of it, or nothing (204) if that is what the browser shows already."""
        require(self.has_view_permission(request))
        storm = get_object_or_404(Storm.objects.select_related("bank", "after"), pk=pk)
        if request.method == "POST":
            return self._take(request, storm)
        context = _ballot(request, storm)
        if wants_part(request):
            if request.GET.get("seen") == context["seen"]:
                return HttpResponse(status=204)
            return TemplateResponse(request, "admin/accounts/storm/vote_now.html", context)
        scene = context["scene"]
        title = f"Scene {scene.number} of {scene.count}" if scene.number else str(storm)
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, "admin/accounts/storm/vote.html", context)

    def _take(self, request: HttpRequest, storm: Storm) -> HttpResponse:
        require(may_vote(request))
        try:
            cast_vote(_user(request), storm.pk, request.POST.get("choice", ""))
        except BankError as refusal:
            messages.error(request, str(refusal))
        return redirect("admin:accounts_storm_vote", storm.pk)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets no other in
    return request.user


def may_vote(request: HttpRequest) -> bool:
    """Who may launch storms gives the lecture, and is no student of it."""
    return request.user.has_perm("accounts.add_vote") and not may_launch(request)


def may_launch(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.add_storm")


def scenes_shown(request: HttpRequest, storm: Storm, row: StormsInARow) -> dict[str, Any]:
    """For a storm's page: the storm, and the scene of its row that waits, if that is another one."""
    following = [other for other in [row.next_by_hand] if other and other.pk != storm.pk]
    return {
        "scenes": [_scene(request, each, row, is_here=each is storm) for each in [storm, *following]],
        "can_launch": may_launch(request),
        "can_vote": may_vote(request),
    }


def _ballot(request: HttpRequest, storm: Storm) -> dict[str, Any]:
    row = observe_row(storm)
    scene = _scene(request, storm, row, is_here=True)
    waiting = row.next_by_hand
    is_open = scene.votes.is_open if scene.is_waiting else waiting is not None and takes_votes(waiting)
    is_left = waiting is not None and not is_open  # nothing comes that a page should wait for
    onward = waiting if not scene.is_waiting and not is_left else None
    is_live = row.is_live and not is_left
    return {
        "storm": storm,
        "scene": scene,
        "onward": onward,
        "choices": MEANINGS,
        "is_live": is_live,
        "every_s": EVERY_S,
        "seen": f"{scene.state}-{onward.pk if onward else ''}-{is_live}",
        "can_launch": may_launch(request),
        "can_vote": may_vote(request),
    }


def _scene(request: HttpRequest, storm: Storm, row: StormsInARow, *, is_here: bool) -> ShownScene:
    votes = observe_votes(storm)
    mine = vote_of(_user(request), storm) if may_vote(request) else ""
    return ShownScene(
        storm=storm,
        votes=votes,
        mine=mine,
        is_split_shown=_is_split_shown(request, votes, mine),
        boxes=observe_boxes(storm),
        number=row.number_of(storm),
        count=len(row.lines),
        is_here=is_here,
        is_waiting=row.next_by_hand is not None and storm.pk == row.next_by_hand.pk,
    )


def _is_split_shown(request: HttpRequest, votes: SceneVotes, mine: str) -> bool:
    """Who has not voted is not to be told what the others say.

    While the vote is open, the split is shown to those who have voted; and to the teacher, whose page is projected
    before the class, when asked for. When the vote is closed, it is shown to all.
    """
    if votes.is_open:
        return bool(mine) or (may_launch(request) and request.GET.get("bars") == "shown")
    return votes.total > 0
