from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = "Bookings"

    def ready(self) -> None:
        from accounts import open_work, reporting, roles
        from bookings import gateways, metrics
        from bookings.selectors import holds, letter_subjects
        from bookings.selectors.open_work import LISTS
        from bookings.services import calendar_conflicts, jobs, old, people
        from core import hooks
        from core.jobs import Portions, asks, daily_jobs, tick_jobs

        tick_jobs.update(jobs.TICK_JOBS)
        asks |= dict.fromkeys(("bookings.payments", "bookings.refunds"), "payments")
        daily_jobs.update(jobs.DAILY_JOBS)
        metrics.watch()
        hooks.payment_bounds.add(gateways.payment_bounds)
        hooks.own_holds.add(holds.find_own_holds)
        hooks.calendar_conflict.add(calendar_conflicts.tell_conflict)
        hooks.account_exported.add(people.put_into_export)
        # Before negotiation's: where a notification is about both, the stay says more.
        hooks.notification_subjects.add(letter_subjects.subjects_in_letters)
        hooks.account_needed.add(people.is_needed)
        hooks.account_erased.add(people.erase)
        hooks.account_block_settled.add(people.end_requests)
        hooks.property_named.add(people.is_property_named)
        reporting.kinds["review"] = reporting.Reportable(people.find_review, people.remove_review)
        for work in LISTS:
            open_work.add(work)
        money = ("booking", "bookedmeal", "payment", "refund", "dispute", "ledgerline", "discrepancy")
        reads = [f"bookings.view_{model}" for model in money]
        roles.grant(roles.FINANCE, *reads, "bookings.add_refund")
        judged = ("review", "guestreview", "reviewreport")
        judges = [f"bookings.{may}_{model}" for may in ("view", "change") for model in judged]
        roles.grant(roles.SUPPORT, *reads, *judges)
        daily_jobs["bookings.old"] = Portions(old.forget_old_bookings, old.AT_ONCE)
        daily_jobs["bookings.gateway_events"] = old.forget_gateway_events
