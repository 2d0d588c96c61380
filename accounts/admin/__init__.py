"""The staff's view of accounts: users, documents to judge, what was reported, and what users were told."""

from accounts.admin import documents, looks, mandates, notifications, reports, users  # noqa: F401 - each registers its tables
