from django.apps import AppConfig


class NegotiationConfig(AppConfig):
    name = "negotiation"
    verbose_name = "Negotiation"

    def ready(self) -> None:
        from accounts.roles import SUPPORT, grant
        from core import hooks
        from negotiation.services import clock, echo, ending, standing

        grant(SUPPORT, "negotiation.view_negotiation", "negotiation.view_offer")
        hooks.nights_taken.add(ending.supersede_rivals)
        hooks.nights_freed.add(ending.tell_dates_free)
        hooks.property_unlisted.add(ending.end_of_property)
        # Before its homes are unlisted, which would end the negotiations for that reason.
        hooks.account_closed.add(ending.end_of_account, first=True)
        hooks.reserve_echo.add(echo.booking_of_echo)
        hooks.tick_jobs["negotiation.expire"] = clock.expire_offers
        hooks.tick_jobs["negotiation.auto_decline"] = clock.decline_automatically
        hooks.tick_jobs["negotiation.expiring"] = clock.tell_expiring
        hooks.daily_jobs["negotiation.hosts"] = standing.recompute_hosts
        hooks.daily_jobs["negotiation.outcomes"] = clock.forget_outcomes
