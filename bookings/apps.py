from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = "Bookings"

    def ready(self) -> None:
        from accounts import roles
        from bookings import gateways, metrics
        from bookings.selectors import holds
        from bookings.services import calendar_conflicts, jobs
        from core import hooks
        from core.jobs import asks, daily_jobs, tick_jobs

        tick_jobs.update(jobs.TICK_JOBS)
        asks |= dict.fromkeys(("bookings.payments", "bookings.refunds"), "payments")
        daily_jobs.update(jobs.DAILY_JOBS)
        metrics.watch()
        hooks.payment_bounds.add(gateways.payment_bounds)
        hooks.own_holds.add(holds.find_own_holds)
        hooks.calendar_conflict.add(calendar_conflicts.tell_conflict)
        money = ("booking", "bookedmeal", "payment", "refund", "dispute", "ledgerline", "discrepancy")
        reads = [f"bookings.view_{model}" for model in money]
        roles.grant(roles.FINANCE, *reads, "bookings.add_refund")
        judges = [f"bookings.{may}_{model}" for may in ("view", "change") for model in ("review", "reviewreport")]
        roles.grant(roles.SUPPORT, *reads, *judges)
