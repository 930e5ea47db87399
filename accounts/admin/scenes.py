"""You are the scheduler: the scenes, the page on which one is played, and what becomes of each press of a button."""

from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.admin import stepping
from accounts.admin.guards import require
from accounts.admin.handover import Handover
from accounts.admin.scene_page import describe, describe_list
from accounts.admin.stepping import Played
from accounts.admin.student_records import StudentRecordAdmin, may_grade
from accounts.db.primary_key import read_primary_key
from accounts.errors import BankError
from accounts.models import SceneRecord
from accounts.scenes import records
from accounts.scenes.catalogue import Scene, find_scene

_pressed = Handover[Played]()  # by student, scene and words


@admin.register(SceneRecord)
class SceneAdmin(StudentRecordAdmin):
    """The list of records is shown as the list of scenes, and a record as its scene's page."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        ours = [
            path("", view(self.changelist_view), name="scenes"),
            path("play/<slug:name>/", view(self.play_view), name="scenes_play"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All scenes, with the user's own progress."""
        require(self.has_view_permission(request))
        context = describe_list(request.user.get_username())
        context |= {"can_grade": may_grade(request), "can_do": self.has_do_permission(request)}
        return self._page(request, "list.html", "You are the scheduler", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A record is shown as its scene's page."""
        require(self.has_view_permission(request))
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404
        return redirect("admin:scenes_play", record.scene)

    def play_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """One scene, with the schedule that stands in the address. A press of a button leads to the next schedule."""
        require(self.has_do_permission(request))
        scene, student = _find(name), request.user.get_username()
        if request.method == "POST":
            return self._act(request, scene, student)
        words = stepping.words_in(request.GET.get("schedule", ""))
        played = _pressed.take((student, name, *words)) or stepping.play(scene.plan, words)
        step = read_primary_key(request.GET.get("step", ""))
        context = describe(scene, records.record_of(student, scene), played, step=step)
        return self._page(request, "play.html", scene.title, context)

    def _act(self, request: HttpRequest, scene: Scene, student: str) -> HttpResponse:
        """What becomes of a press: "press", "undo", "again"; "cannot" (it cannot be done), "show" (give up)."""
        if "cannot" in request.POST:
            records.claim_impossible(student, scene)
        if "show" in request.POST:
            records.show(student, scene)
        if {"cannot", "show"}.intersection(request.POST):
            return stepping.see(request, stepping.words_in(request.POST.get("schedule", "")))
        played = stepping.play(scene.plan, stepping.after_press(request.POST))
        if played.refusal:
            messages.error(request, played.refusal)
        records.note(student, scene, played.replay)
        _pressed.give((student, scene.name, *played.words), replace(played, refusal=""))  # it has been said
        return stepping.see(request, played.words)

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/accounts/scenerecord/{template}", whole)


def _find(name: str) -> Scene:
    try:
        return find_scene(name)
    except BankError as refusal:
        raise Http404(str(refusal)) from refusal
