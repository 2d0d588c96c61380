from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        from core import checks, jobs
        from core.api import serializers
        from core.database import session_limits

        checks.register_all()
        session_limits.connect()
        jobs.watch()
        serializers.speak_plainly()
