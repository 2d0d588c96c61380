"""What the tables of this floor put into an account's export, and how long they keep what has a time of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import F

from accounts.models import (
    AuthToken,
    Block,
    ContactAccess,
    Document,
    DocumentAccess,
    Mandate,
    Notification,
    NotificationPreference,
    Passkey,
    PushSubscription,
    Report,
    Session,
    SignInPlace,
    User,
    UserProfile,
)
from accounts.services.private_files import forget_file
from core.database.partitions import ByTime, Partitioned

# See docs/privacy.md, which says why.
DOCUMENT_FILES_KEPT = timedelta(days=30)
LOOKS_KEPT = timedelta(days=365)
REPORTS_KEPT = timedelta(days=730)
NOTIFICATIONS_KEPT = timedelta(days=180)
NOTIFICATIONS_AT_ONCE = 50_000
BY_MONTH = ByTime(Partitioned("accounts_notification", "at", key=("id",)), "month", ahead=2)
PLACES_KEPT = timedelta(days=90)
AT_ONCE = 1000

_ACCOUNT = ("id", "username", "email", "email_confirmed_at", "first_name", "last_name", "is_host", "superhost",
            "verified", "date_joined", "last_login")  # fmt: skip

_MANDATE = ("id", "name", "side", "may", "currency", "max_total", "min_percent", "property_ids", "max_open",
            "check_in_from", "check_out_by", "created_at", "expires_at", "last_used_at", "revoked_at")  # fmt: skip


def put_into_export(*, user_id: int, box: Any) -> None:
    """Adds account, profile, documents, sign-ins, notifications, blocks, reports, and the looks that staff took."""
    box.add_rows("account", User.objects.filter(pk=user_id).values(*_ACCOUNT))
    box.add_rows("profile", UserProfile.objects.filter(pk=user_id).values("phone", "address", "profile_picture"))
    box.add_rows("documents", _rows(Document, user_id, "id", "kind", "status", "reason", "uploaded_at", "reviewed_at"))
    box.add_rows("tokens", _rows(AuthToken, user_id, "created", "last_used_at", "expiry", "user_agent"))
    box.add_rows("browsers", _rows(Session, user_id, "signed_in_at", "expire_date", "user_agent"))
    box.add_rows("passkeys", _rows(Passkey, user_id, "name", "created_at", "last_used_at"))
    box.add_rows("mandates", _rows(Mandate, user_id, *_MANDATE))
    told = ("kind", "title", "at", "read_at", "negotiation_id", "booking_id", "property_id")
    box.add_rows("notifications", _rows(Notification, user_id, *told))
    box.add_rows("preferences", _rows(NotificationPreference, user_id, "mail_enabled", "unmailed_kinds", "push_enabled",
                                      "unpushed_kinds", "quiet_kinds"))  # fmt: skip
    box.add_rows("push", _rows(PushSubscription, user_id, "endpoint", "user_agent", "created_at"))
    box.add_rows("blocks", Block.objects.filter(blocker_id=user_id).values("blocked_id", "created_at"))
    reports = Report.objects.filter(reporter_id=user_id)
    box.add_rows("reports", reports.values("kind", "subject_id", "seq", "reason", "text", "created_at", "decided_at"))
    _put_looks(user_id, box)
    for profile in UserProfile.objects.filter(pk=user_id):
        box.add_file("profile", profile.profile_picture)
    for document in Document.objects.filter(user_id=user_id):
        box.add_file("documents", document.file)


def _put_looks(user_id: int, box: Any) -> None:
    looks = DocumentAccess.objects.filter(document__user_id=user_id).exclude(viewer_id=F("document__user_id"))
    box.add_rows("looks_at_documents", looks.values("document_id", "at"))
    box.add_rows("looks_at_contact", ContactAccess.objects.filter(user_id=user_id).values("at"))


def _rows(table: Any, user_id: int, *fields: str) -> Any:
    return table.objects.filter(user_id=user_id).order_by("pk").values(*fields).iterator()


def forget_document_files(now: datetime) -> int:
    """A daily job: deletes a document's file thirty days after its judgement, and keeps the judgement. Returns how many."""
    old = Document.objects.filter(reviewed_at__lte=now - DOCUMENT_FILES_KEPT).exclude(file="")[:AT_ONCE]
    for document in old:
        forget_file(document.file)
        Document.objects.filter(pk=document.pk).update(file="", size=0)
    return len(old)


def forget_notifications(now: datetime) -> int:
    """A daily job: makes the next months' partitions, drops notifications half a year old. Returns how many tables and rows.

    A month goes once all of it is that old; rows that no month's partition was there for are deleted.
    """
    old = now - NOTIFICATIONS_KEPT
    changed = BY_MONTH.create_ahead(now) + BY_MONTH.drop_before(old)
    return changed + BY_MONTH.of.delete_before(old, most=NOTIFICATIONS_AT_ONCE)


def forget_looks(now: datetime) -> int:
    """A daily job: deletes looks at documents and contacts after a year. Returns how many."""
    documents, _ = DocumentAccess.objects.filter(at__lte=now - LOOKS_KEPT).delete()
    contacts, _ = ContactAccess.objects.filter(at__lte=now - LOOKS_KEPT).delete()
    return documents + contacts


def forget_reports(now: datetime) -> int:
    """A daily job: deletes decided reports after two years. Returns how many."""
    return Report.objects.filter(decided_at__lte=now - REPORTS_KEPT).delete()[0]


def forget_places(now: datetime) -> int:
    """A daily job: deletes addresses from which an account has not signed in for 90 days. Returns how many."""
    return SignInPlace.objects.filter(last_at__lte=now - PLACES_KEPT).delete()[0]


def forget_admin_log(now: datetime) -> int:
    """A daily job: deletes the log of what staff changed after two years. Returns how many."""
    return LogEntry.objects.filter(action_time__lte=now - REPORTS_KEPT).delete()[0]
