"""One way in: the admin."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

admin.autodiscover()

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
]

handler400 = "bankproject.refusals.bad_request"
