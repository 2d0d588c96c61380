"""Reviews of a stay: each side writes one within 60 days of check-out, and can't read the other's before both are written or
the time is over. The property's aggregates change in the same transaction, under its lock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from bookings.models import Booking, GuestReview, Review
from bookings.rules.reviewing import ends_at, may_change
from bookings.rules.states import status_at, wrong_state
from bookings.services import notifications
from bookings.services.locking import lock_booking, side_of, state_of
from bookings.services.rating import bring_into_rating
from bookings.services.review_worth import counts_for_rating
from core.api.fields import clean_or_invalid
from core.api.idempotency import run_once
from core.errors import Code, DomainError, not_found

PAID_FOR = ("paid", "partly_refunded", "on_arrival")


def write_review(
    *, actor: User, property_id: int, booking_id: int, rating: int, text: str, key: str | None = None, now: datetime
) -> int:
    """Writes a guest's review of a stay that is over. Returns its id. `rating` is 1–5.

    Raises `not_found` (not that guest's, or another property), `booking.wrong_state` (not over, not paid, too late, reviewed).
    """
    clean_or_invalid("review", text)
    fields = {"property": property_id, "booking": booking_id, "rating": rating, "review": text}
    done = run_once(
        account_id=actor.pk, key=key, kind="review.write", fields=fields, now=now,
        do=lambda: {"review": _write_once(actor, property_id, booking_id, rating, text, now).pk},
    )  # fmt: skip
    return int(done.outcome["review"])


def put_review(
    *, actor: User, booking_id: int, rating: int, text: str, key: str | None = None, now: datetime
) -> Review | GuestReview | None:
    """Writes this side's review of a stay, or changes it within its hour. Returns None for a repeat of a review that was taken back
    since. `rating` is 1–5.

    Raises `not_found` (neither of the two), `booking.wrong_state` (not over, not paid, too late, can't be changed any more).
    """
    clean_or_invalid("review", text)

    def do() -> dict[str, object]:
        booking = lock_booking(booking_id)
        side = side_of(booking, actor.pk)
        review = _own(booking, side)
        if review is None:
            _write(booking, side, rating, text, now)
        else:
            _edit(review, rating, text, now)
        return {"booking": booking_id, "side": side}

    fields = {"booking": booking_id, "rating": rating, "review": text}
    done = run_once(account_id=actor.pk, key=key, kind="review.put", fields=fields, now=now, do=do)
    return _kind(str(done.outcome["side"])).objects.filter(booking_id=booking_id).first()


def take_back_review(*, actor: User, booking_id: int, now: datetime) -> None:
    """Takes the own review away within its hour; harmless where there is none. Raises `not_found`, `booking.wrong_state`."""
    with transaction.atomic():
        booking = lock_booking(booking_id)
        review = _own(booking, side_of(booking, actor.pk))
        if review is None:
            return
        _check_changeable(review, now)
        review.delete()


def _kind(side: str) -> type[Review] | type[GuestReview]:
    """The model of a side's review: the guest reviews the stay, the host the guest."""
    return Review if side == "guest" else GuestReview


def _own(booking: Booking, side: str) -> Review | GuestReview | None:
    return _kind(side).objects.select_for_update(no_key=True).filter(booking=booking).first()


def _write_once(actor: User, property_id: int, booking_id: int, rating: int, text: str, now: datetime) -> Review:
    booking = lock_booking(booking_id)
    if side_of(booking, actor.pk) != "guest" or booking.property_id != property_id:
        raise not_found()
    if Review.objects.filter(booking=booking).exists():
        raise _wrong("reviewed", "This stay has its review.")
    _write(booking, "guest", rating, text, now)
    return Review.objects.get(booking=booking)


def _write(booking: Booking, side: str, rating: int, text: str, now: datetime) -> None:
    _check_reviewable(booking, now)
    values = {"booking": booking, "rating": rating, "text": text, "created_at": now,
              "shows_at": ends_at(booking.check_out_at)}  # fmt: skip
    if side == "guest":
        counts = counts_for_rating(booking, now)
        Review.objects.create(
            property_id=booking.property_id, guest_id=booking.guest_id, counts=counts, counted=False, **values
        )
    else:
        GuestReview.objects.create(guest_id=booking.guest_id, host_id=booking.host_id, **values)
    _show_both(booking, now)
    notifications.notify_parties(booking, "host" if side == "guest" else "guest", kind="review.written", now=now)


def _check_reviewable(booking: Booking, now: datetime) -> None:
    status = status_at(state_of(booking), now)
    if status != Booking.Status.COMPLETED or booking.payment_status not in PAID_FOR:
        raise wrong_state(status, booking.payment_status)
    if now >= ends_at(booking.check_out_at):
        raise _wrong(status, "Reviews end 60 days after check-out.")


def _edit(review: Review | GuestReview, rating: int, text: str, now: datetime) -> None:
    if (review.rating, review.text) == (rating, text):
        return
    _check_changeable(review, now)
    review.rating, review.text, review.edited_at = rating, text, now
    review.save(update_fields=["rating", "text", "edited_at"])


def _check_changeable(review: Review | GuestReview, now: datetime) -> None:
    if review.hidden_at is None and may_change(created_at=review.created_at, shows_at=review.shows_at, now=now):
        return
    raise _wrong("reviewed", "A review can be changed for an hour, and not once both sides can read it.")


def _show_both(booking: Booking, now: datetime) -> None:
    """Shows both reviews once both sides have written, and counts the guest's for the rating."""
    pair = [kind.objects.filter(booking=booking).first() for kind in (Review, GuestReview)]
    for written in pair:
        if written is None or None in pair:
            return
        if written.shows_at is not None and written.shows_at > now:
            written.shows_at = now
            written.save(update_fields=["shows_at"])
        if isinstance(written, Review):
            bring_into_rating(written, now)


def _wrong(status: str, words: str) -> DomainError:
    return DomainError(Code.BOOKING_WRONG_STATE, words, params={"status": status})
