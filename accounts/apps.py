from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import open_work
        from accounts.drawings import draw_person
        from accounts.roles import give_permissions
        from accounts.selectors.open_work import LISTS
        from accounts.services import jobs, own_data
        from core import hooks
        from core.jobs import Lane, asks, daily_jobs, lanes, tick_jobs
        from core.web.drawn_pictures import add_family

        add_family("person", draw_person)
        post_migrate.connect(give_permissions, dispatch_uid="accounts.roles")
        tick_jobs.update(jobs.TICK_JOBS)
        asks |= dict.fromkeys(("accounts.mails", "accounts.digests"), "mail")
        daily_jobs.update(jobs.DAILY_JOBS)
        lanes["accounts.pushes"] = Lane("accounts.pushing.lane")
        hooks.account_exported.add(own_data.put_into_export)
        for work in LISTS:
            open_work.add(work)
