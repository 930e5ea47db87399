"""One view of the sample project."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path

from tests.support.samples.models import Mail
from tests.support.samples.races import redeem, redeem_with_the_voucher_locked


def redeem_view(request: HttpRequest, code: str) -> JsonResponse:
    """Redeem a voucher; a letter is sent when that is committed."""
    function = redeem_with_the_voucher_locked if "locked" in request.GET else redeem
    with transaction.atomic():
        transaction.on_commit(lambda: Mail.objects.create(text="asked"))
        is_accepted = function(code, request.GET["customer"])
    return JsonResponse({"accepted": is_accepted}, status=200 if is_accepted else 409)


urlpatterns = [path("redeem/<code>/", redeem_view)]
