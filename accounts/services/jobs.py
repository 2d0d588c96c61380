"""What the clock does to accounts. docs/privacy.md names these jobs beside the tables that they empty."""

from __future__ import annotations

from accounts.services import (
    closing,
    digests,
    email_changes,
    erasing,
    exports,
    mailing,
    mandates,
    own_data,
    passkeys,
    private_files,
    push_deliveries,
    push_subscriptions,
    sign_ins,
)
from core.jobs import Job, Portions

TICK_JOBS: dict[str, Job] = {
    "accounts.mails": mailing.send_mails,
    "accounts.digests": digests.send_digests,
    "accounts.closings": closing.settle_closed_accounts,
    "accounts.exports": exports.prepare_exports,
    "accounts.old_pushes": push_deliveries.forget_deliveries,
}
DAILY_JOBS: dict[str, Job] = {
    "accounts.sign_ins": sign_ins.delete_ended_sign_ins,
    "accounts.challenges": passkeys.forget_challenges,
    "accounts.ways_back": email_changes.forget_ways_back,
    "accounts.push_subscriptions": push_subscriptions.forget_signed_out,
    "accounts.places": own_data.forget_places,
    "accounts.document_files": Portions(own_data.forget_document_files, own_data.AT_ONCE),
    "accounts.notifications": Portions(own_data.forget_notifications, own_data.NOTIFICATIONS_AT_ONCE),
    "accounts.looks": own_data.forget_looks,
    "accounts.mandates": Portions(mandates.forget_mandates, mandates.AT_ONCE),
    "accounts.reports": own_data.forget_reports,
    "accounts.admin_log": own_data.forget_admin_log,
    "accounts.old_exports": exports.forget_old_exports,
    "accounts.erasing": erasing.erase_closed_accounts,
    # The last one: it deletes files that the jobs before it left without a row.
    "accounts.private_files": private_files.delete_orphaned_files,
}
