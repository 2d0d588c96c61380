from bookings.models.changes import StayChange
from bookings.models.payments import Discrepancy, Dispute, GatewayEvent, LedgerLine, Payment, Refund
from bookings.models.reviews import GuestReview, Review, ReviewReport
from bookings.models.sandbox import SandboxCharge, SandboxRefund
from bookings.models.stays import BookedMeal, Booking

__all__ = [
    "BookedMeal",
    "Booking",
    "Discrepancy",
    "Dispute",
    "GatewayEvent",
    "GuestReview",
    "LedgerLine",
    "Payment",
    "Refund",
    "Review",
    "ReviewReport",
    "SandboxCharge",
    "SandboxRefund",
    "StayChange",
]
