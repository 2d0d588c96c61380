"""A stay paid through Stripe's stand-in, and money that moves there behind our back."""

from accounts.models import Notification
from bookings.models import Booking
from bookings.selectors.refunds import get_balance


def by_hand(stripe, payment, amount):
    """A refund made in the dashboard; what Stripe answers."""
    return stripe("POST", "refunds", payment_intent=payment.reference, amount=int(amount * 100))


def state_of(payment):
    booking = Booking.objects.get(pk=payment.booking_id)
    return booking.status, booking.payment_status, get_balance(booking.pk).kept


def kinds_of(user):
    return list(Notification.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def cancel(sign_in, payment, side="host"):
    booking = Booking.objects.get(pk=payment.booking_id)
    answer = sign_in(getattr(booking, side)).put(f"/api/booking/{booking.pk}/status/", {"status": "cancelled"})
    assert answer.status_code == 200, answer.json()
    return answer
