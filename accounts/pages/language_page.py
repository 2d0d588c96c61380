"""The switch of languages in every page's header."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.models import User
from accounts.services.accounts import choose_language


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """`/language/`: `language` for this browser and, signed in, for the account's mails; then back to the page."""
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        choose_language(user_id=request.user.pk, language=chosen)
    return set_language(request)
