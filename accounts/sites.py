"""Says for which host a browser's passkeys are, and which origins its pages may have."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.services.passkeys import Site


def site_of(request: Request | HttpRequest) -> Site:
    """PASSKEY_HOST, or the host that the request came by; origins are this one and those that may call the API."""
    host = request.get_host()
    own = f"{'https' if request.is_secure() else 'http'}://{host}"
    return Site(settings.PASSKEY_HOST or host.rpartition(":")[0] or host, (own, *settings.CORS_ALLOWED_ORIGINS))
