from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = "Bookings"

    def ready(self) -> None:
        from bookings.services import clockwork
        from core import hooks

        hooks.tick_jobs |= clockwork.TICK_JOBS
