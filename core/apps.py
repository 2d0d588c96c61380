from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        from core import checks, connections, passes, serializers

        checks.register_all()
        connections.connect()
        passes.watch()
        serializers.speak_plainly()
