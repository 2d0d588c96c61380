"""The caller's own account."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors.users import get_account
from accounts.serializers import ChangeBody, CloseBody, UserSerializer
from accounts.services.accounts import change_account
from accounts.services.closing import close_own_account
from accounts.views.base import user_of
from core import clock
from core.api.client_address import client_address
from core.api.refusals import refuses
from core.errors import Code


class UserView(APIView):
    """Read, changed, closed."""

    delete_body = CloseBody

    @extend_schema(responses=UserSerializer)
    def get(self, request: Request) -> Response:
        """Reads the own account."""
        return Response(UserSerializer(get_account(user_of(request).pk), context={"request": request}).data)

    @extend_schema(request=ChangeBody, responses=UserSerializer)
    @refuses(Code.AUTH_BAD_CREDENTIALS)
    def patch(self, request: Request) -> Response:
        """Changes what is given of the own account."""
        changes = ChangeBody.read(request.data)
        user = change_account(
            user_id=user_of(request).pk, changes=changes, address=client_address(request), now=clock.now()
        )
        return Response(UserSerializer(user, context={"request": request}).data)

    @extend_schema(request=CloseBody, responses={204: None})
    @refuses(Code.AUTH_BAD_CREDENTIALS)
    def delete(self, request: Request) -> Response:
        """Closes the own account."""
        password = CloseBody.read(request.data)["password"]
        close_own_account(user=user_of(request), password=password, address=client_address(request), now=clock.now())
        return Response(status=204)
