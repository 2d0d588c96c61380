"""Reads a host's insight: from views of pages to payments. A constant number of queries, however many properties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from bookings.selectors.insight import sum_revenue_by_month
from core.database.rows import Row, fetch_rows
from core.money import ZERO, money, round_money
from negotiation.selectors.answers import ANSWERS
from properties.models import Property
from properties.rules.months import months_around, months_later
from properties.selectors.insight import count_nights_by_month, count_views_by_month
from properties.selectors.ownership import get_own_property
from properties.selectors.today import today_at

Plain = dict[str, Any]

# Counts negotiations with a bid that were opened in the months shown.
HAGGLES = """
SELECT n.property_id, date_trunc('month', n.created_at)::date AS month,
       sum((SELECT count(*) FROM negotiation_offer o WHERE o.negotiation_id = n.id AND o.by = 'guest'))::bigint AS bids,
       count(*) AS negotiations,
       count(*) FILTER (WHERE n.status <> 'open') AS ended,
       count(*) FILTER (WHERE n.status = 'accepted') AS agreed,
       count(*) FILTER (WHERE b.payment_status IN ('paid', 'partly_refunded', 'refunded', 'on_arrival')) AS paid,
       coalesce(sum(100 * (n.list_amount - b.base_price) / n.list_amount) FILTER (WHERE n.status = 'accepted'), 0)
           AS discounts
  FROM negotiation_negotiation n LEFT JOIN bookings_booking b ON b.id = n.booking_id
 WHERE n.property_id = ANY(%s) AND n.created_at >= %s
   AND EXISTS (SELECT 1 FROM negotiation_offer o WHERE o.negotiation_id = n.id AND o.by = 'guest')
 GROUP BY 1, 2
"""
HAGGLE_FIELDS = ("bids", "negotiations", "ended", "agreed", "paid", "discounts")
MEDIAN = f"""
SELECT property_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - bid_at)) AS median,
       count(*) AS counted, count(*) FILTER (WHERE answered_at <= bid_at + interval '24 hours') AS in_time
  FROM ({ANSWERS}) a WHERE property_id = ANY(%(ids)s) GROUP BY 1
"""  # noqa: S608 - our own text


def get_property_insight(*, property_id: int, actor: User, now: datetime) -> Plain:
    """One of the actor's own properties. Raises `not_found`."""
    row = get_own_property(property_id, actor)
    return _insights([row], now)[0]


def get_host_insight(*, actor: User, now: datetime) -> Plain:
    """Totals over all of the actor's properties, money by currency, and each of them."""
    properties = _insights(_own(actor), now)
    sums = {name: sum(p["funnel"][name] for p in properties) for name in ("views", "negotiations", "agreed", "paid")}
    revenue: dict[str, Decimal] = {}
    for shown in properties:
        earned = sum((Decimal(month["revenue"]) for month in shown["months"]), ZERO)
        revenue[shown["currency"]] = revenue.get(shown["currency"], ZERO) + earned
    return {
        "properties": properties,
        "views": sums["views"],
        "bids": sum(p["bids"] for p in properties),
        "funnel": sums,
        "acceptance_rate": _share(sums["agreed"], sum(p["ended"] for p in properties)),
        "revenue": [{"currency": code, "amount": money(total)} for code, total in sorted(revenue.items())],
    }


def list_insight_months(*, actor: User, now: datetime, property_id: int | None = None) -> Iterable[Plain]:
    """A row for each month of each property (or of the one), for the CSV file. Raises `not_found`."""
    rows = [get_own_property(property_id, actor)] if property_id is not None else _own(actor)
    for shown in _insights(rows, now):
        for month in shown["months"]:
            yield {"property": shown["property_id"], "name": shown["name"], **month, "currency": shown["currency"]}


def _own(actor: User) -> list[Property]:
    listed = Property.objects.filter(host=actor).exclude(status=Property.Status.DRAFT)
    return list(listed.order_by("pk"))


def _insights(rows: Sequence[Property], now: datetime) -> list[Plain]:
    if not rows:
        return []
    ids = [row.pk for row in rows]
    months = months_around(today_at(rows[0], now))
    end = months_later(months[-1], 1)
    views, nights = count_views_by_month(ids, months), count_nights_by_month(ids, months)
    revenue = sum_revenue_by_month(ids, months[0], end)
    haggles, answers = _haggles(ids, months[0]), _answers(ids, now)

    def month_row(row: Property, month: date) -> Plain:
        key, days = (row.pk, month), (months_later(month, 1) - month).days
        haggled = haggles.get(key, {})
        return {
            "month": f"{month:%Y-%m}",
            "views": views.get(key, 0),
            **{name: haggled.get(name, 0) for name in ("bids", "negotiations", "agreed", "paid")},
            "nights": nights.get(key, 0),
            "occupancy": _share(nights.get(key, 0), days),
            "revenue": money(revenue.get(key, ZERO)),
        }

    def insight(row: Property) -> Plain:
        all_months = [month_row(row, month) for month in months]
        own = [facts for (property_id, _), facts in haggles.items() if property_id == row.pk]
        return _summary(row, all_months, own, answers.get(row.pk))

    return [insight(row) for row in rows]


def _summary(row: Property, months: list[Plain], haggles: list[Plain], answers: Plain | None) -> Plain:
    views = sum(month["views"] for month in months)
    sums: Plain = {name: sum(facts[name] for facts in haggles) for name in HAGGLE_FIELDS}
    return {
        "property_id": row.pk,
        "name": row.title,
        "status": row.status,
        "currency": row.currency,
        "views": views,
        "bids": sums["bids"],
        "ended": sums["ended"],
        "acceptance_rate": _share(sums["agreed"], sums["ended"]),
        "average_discount": _mean(sums["discounts"], sums["agreed"]),
        "median_answer_seconds": answers["seconds"] if answers else None,
        "answered_within_day": answers["rate"] if answers else None,
        "occupancy": [{name: month[name] for name in ("month", "nights", "occupancy")} for month in months],
        "revenue": [{"month": month["month"], "amount": month["revenue"]} for month in months],
        "funnel": {"views": views, **{name: sums[name] for name in ("negotiations", "agreed", "paid")}},
        "months": months,
    }


def _haggles(ids: Sequence[int], since: date) -> dict[tuple[int, date], Plain]:
    rows = fetch_rows(HAGGLES, [list(ids), since])
    return {(row["property_id"], row["month"]): {name: row[name] for name in HAGGLE_FIELDS} for row in rows}


def _answers(ids: Sequence[int], now: datetime) -> dict[int, Plain]:
    rows = fetch_rows(MEDIAN, {"ids": list(ids), "now": now, "since": now - timedelta(days=365)})
    return {row["property_id"]: _answered(row) for row in rows}


def _answered(row: Row) -> Plain:
    seconds = None if row["median"] is None else round(row["median"])
    return {"seconds": seconds, "rate": _share(row["in_time"], row["counted"])}


def _share(part: int, whole: int) -> float | None:
    """The share in per cent, one decimal; None where the whole is 0."""
    return round(100 * part / whole, 1) if whole else None


def _mean(total: Decimal, count: int) -> float | None:
    return float(round_money(Decimal(total) / count)) if count else None
