"""The staff's view of accounts: users, documents to judge, and what users were told."""

from django.contrib import admin

from accounts.admin import documents, notifications, users  # noqa: F401 - each registers its tables
from accounts.admin.door import StaffSignInForm

admin.site.site_header = admin.site.site_title = "StayNest"
admin.site.index_title = "Staff"
# The same counters of failures as at every other door.
admin.site.login_form = StaffSignInForm
