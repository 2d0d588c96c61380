"""What the account was told."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors.notifications import get_preferences, list_notifications
from accounts.serializers import NotificationSerializer, PreferencesBody, PreferencesSerializer, UnreadSerializer
from accounts.services.notifications import read_all_notifications, read_notification
from accounts.services.preferences import change_preferences, unsubscribe
from accounts.views.base import NobodyView, user_of
from core import clock
from core.api.openapi import PAGE
from core.api.paging import list_response
from core.database.replica import reads_replica


class NotificationsView(APIView):
    """All of it, newest first."""

    @extend_schema(parameters=PAGE, responses=NotificationSerializer(many=True))
    @reads_replica
    def get(self, request: Request) -> Response:
        """Lists what the account was told, newest first."""
        user_id = user_of(request).pk
        return list_response(
            request,
            lambda limit, before: list_notifications(user_id, limit, before),
            id_of=lambda row: row.pk,
            show=lambda row: NotificationSerializer(row).data,
        )


class ReadView(APIView):
    """Marks one as read."""

    @extend_schema(request=None, responses=UnreadSerializer)
    def post(self, request: Request, notification_id: int) -> Response:
        """Marks one as read."""
        unread = read_notification(user_id=user_of(request).pk, notification_id=notification_id, now=clock.now())
        return Response({"unread": unread})


class PreferencesView(APIView):
    """Which of it also comes by e-mail."""

    @extend_schema(responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """Reads which notifications also come by e-mail."""
        return Response(PreferencesSerializer(get_preferences(user_of(request).pk)).data)

    @extend_schema(request=PreferencesBody, responses=PreferencesSerializer)
    def patch(self, request: Request) -> Response:
        """Changes which notifications also come by e-mail."""
        changes = PreferencesBody.read(request.data)
        return Response(PreferencesSerializer(change_preferences(user_id=user_of(request).pk, **changes)).data)


class UnsubscribeView(NobodyView):
    """Ends the mails by the link in one of them, as mail programs do it (RFC 8058)."""

    @extend_schema(request=None, responses={204: None}, auth=[])
    def post(self, request: Request, token: str) -> Response:
        """Ends the mails by the link in one of them (RFC 8058)."""
        unsubscribe(token=token)
        return Response(status=204)


class ReadAllView(APIView):
    """Marks all as read."""

    @extend_schema(request=None, responses=UnreadSerializer)
    def post(self, request: Request) -> Response:
        """Marks all as read."""
        return Response({"unread": read_all_notifications(user_id=user_of(request).pk, now=clock.now())})
