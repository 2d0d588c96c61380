"""Web pages of this app, each path written in full from the root."""

from django.urls import URLPattern, URLResolver, path

import core.api.path_converters  # noqa: F401 - registers <id:…>
from bookings.pages import booking, calendar, changing, home, home_reviews, paying, reviewing, similar_homes, trips

urlpatterns: list[URLPattern | URLResolver] = [
    path("homes/<id:property_id>/", home.home, name="property"),
    path("homes/<id:property_id>/reviews/", home_reviews.home_reviews, name="home_reviews"),
    path("homes/<id:property_id>/similar/", similar_homes.similar_homes, name="similar_homes"),
    path("hosting/<id:property_id>/calendar/", calendar.calendar, name="listing_calendar"),
    path("hosting/<id:property_id>/busy/", calendar.busy, name="listing_busy"),
    path("trips/", trips.trips, name="trips"),
    path("bookings/<id:booking_id>/", booking.booking, name="booking"),
    path("bookings/<id:booking_id>/answer/", booking.answer_booking, name="answer_booking"),
    path("bookings/<id:booking_id>/cancel/", booking.cancel, name="cancel"),
    path("bookings/<id:booking_id>/receipt/", booking.receipt, name="receipt"),
    path("bookings/<id:booking_id>/change/", changing.change, name="change_booking"),
    path("bookings/<id:booking_id>/change/<id:change_id>/", changing.answer, name="answer_change"),
    path("bookings/<id:booking_id>/pay/", paying.pay, name="pay"),
    path("bookings/<id:booking_id>/review/", reviewing.review_booking, name="review_booking"),
    path("bookings/<id:booking_id>/review/answer/", reviewing.answer_to_review, name="answer_review"),
]
