"""What people report, and what staff decide about it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import reporting
from accounts.models import Report, User
from accounts.reporting import Evidence
from accounts.services.closing import close_account
from accounts.services.notifications import notify
from core.api.rate_limits import Window, take
from core.errors import Code, DomainError, invalid, not_found
from core.said import said

A_DAY = 30
CUT = 2000
# What the reporter hears; it never says what was done to another user beyond that.
OUTCOMES = {
    Report.Decision.DISMISSED: "We looked at what you reported and found nothing against our rules.",
    Report.Decision.WARNED: "We looked at what you reported and acted on it. Thank you.",
    Report.Decision.REMOVED: "We looked at what you reported and took it out of sight. Thank you.",
    Report.Decision.CLOSED: "We looked at what you reported and acted on it. Thank you.",
}
NOUNS = {
    Report.Kind.LISTING: said("home"),
    Report.Kind.PERSON: said("account"),
    Report.Kind.MESSAGE: said("message"),
    Report.Kind.REVIEW: said("review"),
    Report.Kind.GUEST_REVIEW: said("review"),
}


def write_report(*, actor: User, kind: str, id: str, reason: str, text: str = "", now: datetime) -> Report:
    """Reports a property, a person, a message (`negotiation:seq`) or a review by either side to the staff. A repeat is the first.

    What was reported is kept as it is now. Raises `not_found` for what the reporter can't see, `invalid` for one's own,
    `rate_limited` (30 a day).
    """
    found = reporting.kinds[kind].find(id, actor.pk, now)
    if found.about_id == actor.pk:
        raise invalid(id="This is your own.")
    open_one = _open_report(actor, kind, found)
    if open_one is not None:
        return open_one
    take([Window(f"report:{actor.pk}", A_DAY, 86400)], now)
    row = Report(
        kind=kind, subject_id=found.subject_id, seq=found.seq, reporter=actor, about_id=found.about_id, reason=reason,
        text=text[:CUT], evidence=found.as_dict(), created_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same, sent twice at once
        return _open_report(actor, kind, found) or row
    return row


def _open_report(actor: User, kind: str, found: Evidence) -> Report | None:
    same = Report.objects.filter(reporter=actor, kind=kind, subject_id=found.subject_id, seq=found.seq)
    return same.filter(decided_at=None).first()


def decide_report(*, report_id: int, actor: User, decision: str, note: str = "", now: datetime) -> Report:
    """Carries out what staff decide on a report, tells both sides, and settles the other open reports of the same thing.

    The notices never say who reported. Raises `not_found`, `not_allowed` (decided already, one's own report or about oneself),
    `invalid` (what can't be taken out of sight).
    """
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True, of=("self",)).filter(pk=report_id).first()
        if report is None:
            raise not_found()
        _check_may_decide(report, actor, decision)
        same = Report.objects.filter(kind=report.kind, subject_id=report.subject_id, seq=report.seq, decided_at=None)
        settled = list(same.select_for_update(no_key=True, of=("self",)).order_by("pk"))
        for one in settled:
            one.decision, one.note, one.decided_by, one.decided_at = decision, note.strip()[:CUT], actor, now
            one.save(update_fields=["decision", "note", "decided_by", "decided_at"])
            notify(user_id=one.reporter_id, kind="report.decided", title=OUTCOMES[Report.Decision(decision)], now=now)
        _tell_person(report, now, decision)
    # Each takes its own locks, from the top app down. Where one fails, staff decide again by hand; a repeat is harmless.
    _act(report, decision, now)
    report.refresh_from_db()
    return report


def _check_may_decide(report: Report, actor: User, decision: str) -> None:
    if report.decided_at is not None:
        raise DomainError(Code.NOT_ALLOWED, "This report is decided already.")
    if actor.pk in (report.reporter_id, report.about_id):
        raise DomainError(Code.NOT_ALLOWED, "Somebody else has to decide about a report of yours or about you.")
    if decision == Report.Decision.REMOVED and reporting.kinds[report.kind].remove is None:
        raise invalid(
            decision=said(
                "A %(kind)s can't be taken out of sight; warn or close.", kind=NOUNS[Report.Kind(report.kind)]
            )
        )
    if decision == Report.Decision.CLOSED and User.objects.filter(pk=report.about_id, is_staff=True).exists():
        raise invalid(decision="An account of the staff is closed by a superuser.")


def _tell_person(report: Report, now: datetime, decision: str) -> None:
    """Tells the owner of the reported thing what was done and why, in the words of the reason, but not who reported it."""
    noun, reason = NOUNS[Report.Kind(report.kind)], report.get_reason_display().lower()
    titles = {
        Report.Decision.WARNED: f"A warning about your {noun}: {reason}. The next time it may be taken out of sight.",
        Report.Decision.REMOVED: f"Your {noun} was taken out of sight: {reason}. Answer our mail if you disagree.",
    }
    if title := titles.get(Report.Decision(decision)):
        notify(user_id=report.about_id, kind="report.warned", title=title, now=now)


def _act(report: Report, decision: str, now: datetime) -> None:
    remove = reporting.kinds[report.kind].remove
    if decision == Report.Decision.REMOVED and remove is not None:
        remove(report, now)
    if decision == Report.Decision.CLOSED:
        close_account(user_id=report.about_id, now=now)
