from bookings.models.payments import GatewayEvent, LedgerLine, Payment, Refund
from bookings.models.reviews import Review, ReviewReport
from bookings.models.sandbox import SandboxCharge, SandboxRefund
from bookings.models.stays import BookedMeal, Booking

__all__ = [
    "BookedMeal",
    "Booking",
    "GatewayEvent",
    "LedgerLine",
    "Payment",
    "Refund",
    "Review",
    "ReviewReport",
    "SandboxCharge",
    "SandboxRefund",
]
