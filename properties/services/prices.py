"""A price for some nights, over what the seasons say. It works under the property's lock, so no other writer's rules are lost."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from core.api.idempotency import Plain, run_once
from core.errors import Code, DomainError, invalid
from core.money import money
from core.said import said
from properties.models import PriceRule, Property
from properties.rules.seasons import MOST_RULES, overlaid
from properties.rules.terms import SeasonPrice
from properties.selectors.today import today_at
from properties.services.ownership import lock_own_property, mark_step


def change_price(
    *, property_id: int, start_date: date, end_date: date, price: Decimal, actor: User, key: str | None, now: datetime
) -> Plain:
    """Sets the price of the nights, once for each `key`. Raises what `set_price` raises."""
    nights = {"start_date": start_date.isoformat(), "end_date": end_date.isoformat(), "price": money(price)}
    fields = {"property_id": property_id, **nights}

    def do() -> Plain:
        set_price(property_id=property_id, start_date=start_date, end_date=end_date, price=price, actor=actor, now=now)
        return fields

    return run_once(account_id=actor.pk, key=key, kind="property.price", fields=fields, now=now, do=do).outcome


def set_price(
    *, property_id: int, start_date: date, end_date: date, price: Decimal, actor: User, now: datetime
) -> None:
    """Each night from `start_date` to before `end_date` costs `price`, in the property's currency; agreed stays don't change.

    Raises `not_found`, `registration.incomplete` before step 4, `dates.invalid` for nights that have passed, `invalid`
    where there are too many rules.
    """
    with transaction.atomic():
        row = lock_own_property(property_id, actor)
        today = today_at(row, now)
        _check(row, end_date, today)
        rules = [_season(rule) for rule in row.price_rules.all()]
        rules = overlaid(rules, SeasonPrice(start_date, end_date, None, price), today)
        if len(rules) > MOST_RULES:
            raise invalid(price=said("There are %(most)s other prices already; take some away first.", most=MOST_RULES))
        write_rules(row, rules)
        mark_step(row, 4, now)


def write_rules(row: Property, rules: list[SeasonPrice]) -> None:
    """Makes these the rules of a locked property."""
    row.price_rules.all().delete()
    PriceRule.objects.bulk_create(
        PriceRule(
            property=row, position=position, start_date=rule.start, end_date=rule.end, weekdays=rule.weekdays,
            price=rule.price, min_nights=rule.min_nights,
        )
        for position, rule in enumerate(rules)
    )  # fmt: skip


def _season(rule: PriceRule) -> SeasonPrice:
    days = tuple(rule.weekdays) if rule.weekdays is not None else None
    return SeasonPrice(rule.start_date, rule.end_date, days, rule.price, rule.min_nights)


def _check(row: Property, end: date, today: date) -> None:
    if 4 not in row.steps_done:
        raise DomainError(Code.REGISTRATION_INCOMPLETE, "Fill in first: step 4.", params={"missing": [4]})
    if end <= today:
        text = said("Those nights have passed.")
        raise DomainError(Code.DATES_INVALID, text, fields={"end_date": [text]})
