from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = "Bookings"

    def ready(self) -> None:
        from accounts import roles
        from bookings.services import jobs
        from core.jobs import tick_jobs

        tick_jobs.update(jobs.TICK_JOBS)
        reads = [f"bookings.view_{model}" for model in ("booking", "bookedmeal", "payment", "refund", "ledgerline")]
        roles.grant(roles.FINANCE, *reads, "bookings.add_refund")
        judges = [f"bookings.{may}_{model}" for may in ("view", "change") for model in ("review", "reviewreport")]
        roles.grant(roles.SUPPORT, *reads, *judges)
