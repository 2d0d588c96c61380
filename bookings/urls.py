"""REST paths of this app, each written in full from the root."""

from django.urls import URLPattern, URLResolver, path

import core.api.path_converters  # noqa: F401 - registers <id:…>
from bookings.views import bookings, calendars, changes, payments, properties, reviews

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/reserve/", bookings.Reserve.as_view(), name="reserve"),
    path(
        "api/reservation/<id:booking_id>/",
        bookings.Details.as_view(alias_of="/api/booking_details/{booking_id}/"),
        name="reservation",
    ),
    path("api/booking_details/<id:booking_id>/", bookings.Details.as_view(), name="booking-details"),
    path("api/booking/<id:booking_id>/refund/", bookings.RefundPreview.as_view(), name="booking-refund"),
    path("api/booking/<id:booking_id>/review/", reviews.StayReview.as_view(), name="booking-review"),
    path("api/booking/<id:booking_id>/status/", bookings.Status.as_view(), name="booking-status"),
    path("api/booking/<id:booking_id>/calendar.ics", bookings.StayCalendar.as_view(), name="booking-calendar"),
    path("api/booking/<id:booking_id>/changes/", changes.Changes.as_view(), name="booking-changes"),
    path("api/booking/<id:booking_id>/changes/quote/", changes.ChangeQuote.as_view(), name="booking-change-quote"),
    path("api/booking/<id:booking_id>/changes/<id:change_id>/", changes.Change.as_view(), name="booking-change"),
    path("api/booking/<id:booking_id>/payment/", payments.Payments.as_view(), name="booking-payments"),
    path(
        "api/booking/<id:booking_id>/payment/<id:payment_id>/",
        payments.PaymentDetails.as_view(),
        name="booking-payment",
    ),
    *(
        path(f"api/upcoming_bookings/as_{side}/", bookings.Upcoming.as_view(side=side), name=f"upcoming-{side}")
        for side in ("guest", "host")
    ),
    path("api/property/<id:property_id>/", properties.PropertyView.as_view(), name="property-details"),
    path("api/property/<id:property_id>/calendars/", calendars.CalendarsView.as_view(), name="calendars"),
    path(
        "api/property/<id:property_id>/calendars/<id:calendar_id>/", calendars.CalendarView.as_view(), name="calendar"
    ),
    path(
        "api/property/<id:property_id>/calendars/<id:calendar_id>/refresh/",
        calendars.RefreshView.as_view(),
        name="calendar-refresh",
    ),
    path("api/review/<id:property_id>/", reviews.Reviews.as_view(), name="reviews"),
    path("api/review/<id:property_id>/<id:review_id>/answer/", reviews.ReviewAnswer.as_view(), name="review-answer"),
    path("api/review/<id:property_id>/<id:review_id>/report/", reviews.ReviewReports.as_view(), name="review-report"),
    path("api/payments/sandbox/<str:reference>/", payments.SandboxAction.as_view(), name="sandbox-payment"),
    path("api/payments/stripe/webhook/", payments.stripe_webhook, name="stripe-webhook"),
]
