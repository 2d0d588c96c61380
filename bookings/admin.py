"""Staff's view of bookings: they read everything and edit nothing; only actions change money and reviews."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import validate_slug
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse

from accounts.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from accounts.models import User
from bookings.models import (
    BookedMeal,
    Booking,
    Discrepancy,
    Dispute,
    GuestReview,
    LedgerLine,
    Payment,
    Refund,
    Review,
    ReviewReport,
)
from bookings.selectors.refunds import get_balance, refundable, refunds_owed
from bookings.services.refunding import retry_refund
from bookings.services.review_answers import hide_guest_review, hide_review, show_guest_review, show_review
from bookings.services.staff_refunds import refund_by_staff
from core import clock
from core.errors import DomainError
from core.said import translated


class MealInline(ReadOnlyInline):
    model = BookedMeal


class PaymentInline(ReadOnlyInline):
    model = Payment
    fields = ("id", "gateway", "method", "amount", "currency", "status", "refunded", "failure", "created_at")


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ("id", "payment", "amount", "status", "reason", "made_by", "tries", "failure", "created_at")


class DisputeInline(ReadOnlyInline):
    model = Dispute
    fields = ("id", "payment", "amount", "status", "reason", "created_at", "closed_at")


class LedgerInline(ReadOnlyInline):
    model = LedgerLine
    fields = ("at", "payment", "refund", "dispute", "amount", "currency")


class RefundForm(forms.Form):
    amount = forms.DecimalField(min_value=Decimal("0.01"), max_digits=13, decimal_places=2)
    # The key of the form: sent twice, the form gives money back once.
    key = forms.CharField(
        widget=forms.HiddenInput, initial=lambda: uuid4().hex, required=False, validators=[validate_slug]
    )


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = ("id", "property", "guest", "host", "start_date", "end_date", "status", "payment_status", "total")
    list_filter = ("status", "payment_status", "booking_type")
    list_select_related = ("property", "guest", "host")
    search_fields = ("=id", "property__title", "guest__username", "host__username", "guest__email", "host__email")
    show_full_result_count = False
    inlines = (MealInline, PaymentInline, RefundInline, DisputeInline, LedgerInline)
    change_form_template = "admin/bookings/booking/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.refund)
        return [path("<int:pk>/refund/", page, name="bookings_booking_refund"), *super().get_urls()]

    def refund(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page where finance staff give money back."""
        if not request.user.has_perm("bookings.add_refund"):
            raise PermissionDenied
        booking = get_object_or_404(Booking, pk=pk)
        form = RefundForm(request.POST or None)
        if form.is_valid() and self._refunded(request, booking, form):
            return redirect(reverse("admin:bookings_booking_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Refund of booking {pk}",
            "opts": self.opts,
            "booking": booking,
            "form": form,
            "balance": get_balance(pk),
            "left": refundable(pk),
        }
        return render(request, "admin/bookings/booking/refund.html", context)

    def _refunded(self, request: HttpRequest, booking: Booking, form: RefundForm) -> bool:
        assert isinstance(request.user, User)  # noqa: S101 - the admin's own door
        amount, key = form.cleaned_data["amount"], form.cleaned_data["key"] or None
        try:
            refund_by_staff(actor=request.user, booking_id=booking.pk, amount=amount, key=key, now=clock.now())
        except DomainError as error:
            form.add_error("amount", translated(error.message))
            given = request.POST.copy()
            given["key"] = uuid4().hex  # the old key has the refusal as its outcome
            form.data = given
            return False
        self.log_change(request, booking, f"Gave back {amount} {booking.currency}.")
        messages.success(request, f"{amount} {booking.currency} are on their way back.")
        return True


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("id", "booking", "gateway", "amount", "currency", "status", "refunded", "created_at")
    list_filter = ("status", "gateway")
    search_fields = ("=id", "=booking__id", "=reference")
    show_full_result_count = False
    inlines = ()


class OwedFilter(admin.SimpleListFilter):
    """Refunds that guests wait for: refused so far, or not taken for minutes."""

    title = "owed"
    parameter_name = "owed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Owed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refund]) -> QuerySet[Refund]:
        return queryset.filter(pk__in=refunds_owed(clock.now()).values("pk")) if self.value() == "1" else queryset


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "booking",
        "amount",
        "status",
        "reason",
        "made_by",
        "tries",
        "failure",
        "check_at",
        "created_at",
    )
    list_filter = (OwedFilter, "status", "reason")
    search_fields = ("=id", "=booking__id", "=reference")
    show_full_result_count = False
    actions = ("try_again",)

    @admin.action(description="Try refunds that are owed again now", permissions=["retry"])
    def try_again(self, request: HttpRequest, refunds: QuerySet[Refund]) -> None:
        for refund in refunds:
            try:
                retry_refund(refund.pk, now=clock.now())
            except DomainError as error:
                messages.warning(request, f"Refund {refund.pk}: {translated(error.message)}")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("bookings.add_refund")


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("id", "booking", "payment", "amount", "status", "reason", "created_at", "closed_at")
    list_filter = ("status",)
    search_fields = ("=id", "=booking__id", "=reference")
    show_full_result_count = False


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin):
    """Differences between our books and a gateway's; the first comparison that no longer finds one closes it."""

    list_display = ("id", "gateway", "subject", "text", "payment", "found_at", "seen_at", "closed_at")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "gateway")
    search_fields = ("subject", "text")
    show_full_result_count = False


class JudgedAdmin(ReadOnlyAdmin):
    """What one side of a stay says of the other: staff who may change it hide it or show it again, and the log says who did."""

    show_full_result_count = False
    actions = ("hide", "show")
    put_away: Callable[..., None]
    put_back: Callable[..., None]

    @admin.action(description="Hide", permissions=["judge"])
    def hide(self, request: HttpRequest, reviews: QuerySet[Any]) -> None:
        for review in reviews:
            self.put_away(review_id=review.pk, now=clock.now())
            self.log_change(request, review, "Hidden.")

    @admin.action(description="Show again", permissions=["judge"])
    def show(self, request: HttpRequest, reviews: QuerySet[Any]) -> None:
        for review in reviews:
            self.put_back(review_id=review.pk, now=clock.now())
            self.log_change(request, review, "Shown again.")

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"bookings.change_{self.opts.model_name}")


@admin.register(Review)
class ReviewAdmin(JudgedAdmin):
    list_display = ("id", "property", "guest", "rating", "text", "hidden_at", "created_at")
    list_filter = ("rating", ("hidden_at", admin.EmptyFieldListFilter))
    list_select_related = ("property", "guest")
    search_fields = ("=id", "text", "property__title", "guest__username")
    put_away, put_back = staticmethod(hide_review), staticmethod(show_review)


@admin.register(GuestReview)
class GuestReviewAdmin(JudgedAdmin):
    list_display = ("id", "booking", "host", "guest", "rating", "text", "hidden_at", "created_at")
    list_filter = ("rating", ("hidden_at", admin.EmptyFieldListFilter))
    list_select_related = ("booking", "host", "guest")
    search_fields = ("=id", "=booking__id", "text", "host__username", "guest__username")
    put_away, put_back = staticmethod(hide_guest_review), staticmethod(show_guest_review)


@admin.register(ReviewReport)
class ReviewReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "review", "words", "reporter", "reason", "outcome", "created_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "outcome")
    list_select_related = ("review", "reporter")
    show_full_result_count = False
    actions = ("hide", "keep")

    @admin.display(description="review's words")
    def words(self, report: ReviewReport) -> str:
        return report.review.text[:200]

    @admin.action(description="Hide the review", permissions=["judge"])
    def hide(self, request: HttpRequest, reports: QuerySet[ReviewReport]) -> None:
        for report in reports:
            hide_review(review_id=report.review_id, now=clock.now())
            self.log_change(request, report, "The review is hidden.")

    @admin.action(description="Let the review stand", permissions=["judge"])
    def keep(self, request: HttpRequest, reports: QuerySet[ReviewReport]) -> None:
        for report in reports:
            show_review(review_id=report.review_id, now=clock.now())
            self.log_change(request, report, "The review stands.")

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("bookings.change_review")
