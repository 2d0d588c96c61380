from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts.services import accounts, digests, mailing, sign_ins
        from core import hooks

        hooks.tick_jobs["accounts.mails"] = mailing.send_mails
        hooks.tick_jobs["accounts.digests"] = digests.send_digests
        hooks.tick_jobs["accounts.closings"] = accounts.settle_closed_accounts
        hooks.daily_jobs["accounts.sign_ins"] = sign_ins.sweep_sign_ins
