"""A small, attractive demo: people, homes with pictures, stays, reviews and haggles going on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from core import clock
from demo.listing import list_homes
from demo.people import DOMAIN, LISTED_DAYS_AGO, PASSWORD, PEOPLE, make_people, play
from negotiation.models import Negotiation
from properties.models import Property


class Command(BaseCommand):
    help = "Loads the demo; where it is there already, adds nothing. Prints its logins."

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        listed = now - timedelta(days=LISTED_DAYS_AGO)
        people = {user.username: user for user in User.objects.filter(email__endswith=f"@{DOMAIN}")}
        if not people:
            if User.objects.filter(username__in=[person.username for person in PEOPLE]).exists():
                self.stdout.write("No demo: its user names are taken by real people.")
                return
            people = make_people(listed)
        homes = list(Property.objects.filter(host__in=people.values()).order_by("pk"))
        if not homes:
            homes = list_homes(people, listed, now)
        if not Negotiation.objects.filter(guest__in=people.values()).exists():
            play(people, homes, now)
        self.stdout.write(f"Demo logins (password {PASSWORD}):")
        for person in PEOPLE:
            self.stdout.write(f"  {person.username:<8} {'host' if person.is_host else 'guest'}")
