from django.apps import AppConfig


class NegotiationConfig(AppConfig):
    name = "negotiation"
    verbose_name = "Negotiation"

    def ready(self) -> None:
        from accounts import reporting
        from accounts.roles import SUPPORT, grant
        from core import hooks
        from core.api.idempotency import OUTCOMES_AT_ONCE, forget_outcomes
        from core.jobs import Lane, Portions, daily_jobs, lanes, tick_jobs
        from negotiation.selectors import letter_subjects
        from negotiation.services import (
            jobs,
            log_partitions,
            lowered_prices,
            people,
            reserve_echo,
            rooms_nights,
            superhosts,
            superseding,
        )

        grant(SUPPORT, "negotiation.view_negotiation", "negotiation.view_offer")
        hooks.nights_taken.add(superseding.supersede_rivals)
        hooks.nights_freed.add(superseding.notify_dates_free)
        hooks.property_unlisted.add(superseding.end_of_property)
        hooks.property_priced.add(lowered_prices.report_lowered)
        hooks.nights_changed.add(rooms_nights.report_nights)
        # Runs before the account's homes are unlisted, which would end the negotiations with another reason.
        hooks.account_closed.add(superseding.end_of_account, first=True)
        hooks.account_blocking.add(superseding.lock_homes_between)
        hooks.account_blocked.add(superseding.end_between)
        hooks.account_exported.add(people.put_into_export)
        # Runs before the homes are deleted: their negotiations name them.
        hooks.account_erased.add(people.erase, first=True)
        hooks.property_named.add(people.is_property_named)
        reporting.kinds["person"] = reporting.Reportable(people.find_person)
        reporting.kinds["message"] = reporting.Reportable(people.find_message)
        reporting.kinds["guest_review"] = reporting.Reportable(people.find_guest_review, people.remove_guest_review)
        hooks.notification_subjects.add(letter_subjects.subjects_in_letters)
        hooks.reserve_echo.add(reserve_echo.booking_of_echo)
        tick_jobs["negotiation.expire"] = jobs.expire_offers
        tick_jobs["negotiation.auto_decline"] = jobs.decline_automatically
        lanes["negotiation.automatic_answers"] = Lane("negotiation.services.automatic_lane")
        tick_jobs["negotiation.expiring"] = jobs.notify_expiring
        daily_jobs["negotiation.hosts"] = superhosts.recompute_hosts
        daily_jobs["negotiation.outcomes"] = Portions(forget_outcomes, OUTCOMES_AT_ONCE)
        daily_jobs["negotiation.old"] = Portions(people.forget_old_negotiations, people.AT_ONCE)
        daily_jobs["negotiation.log_partitions"] = log_partitions.keep_log_partitions
