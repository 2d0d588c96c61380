from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts.drawings import draw_person
        from accounts.roles import give_permissions
        from accounts.services import accounts, digests, mailing, sign_ins
        from core.jobs import asks, daily_jobs, tick_jobs
        from core.web.drawn_pictures import add_family

        add_family("person", draw_person)
        post_migrate.connect(give_permissions, dispatch_uid="accounts.roles")

        tick_jobs["accounts.mails"] = mailing.send_mails
        tick_jobs["accounts.digests"] = digests.send_digests
        asks |= dict.fromkeys(("accounts.mails", "accounts.digests"), "mail")
        tick_jobs["accounts.closings"] = accounts.settle_closed_accounts
        daily_jobs["accounts.sign_ins"] = sign_ins.delete_ended_sign_ins
