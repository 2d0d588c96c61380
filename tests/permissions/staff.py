"""What the roles of the staff may do in their own pages, table by table: Django's verbs, and the actions of the list.

test_staff.py asks for each. Everybody without a role is sent to the staff's log-in; a superuser may do what is there at all.
"""

from __future__ import annotations

ROLES = ("support", "verifier", "finance")
TABLE = """
#                          support                                                          verifier     finance
accounts.contactaccess     -                                                                -            -
accounts.document          -                                                                view+change  -
accounts.documentaccess    -                                                                view         -
accounts.mandate           view+revoke                                                      -            -
accounts.notification      view                                                             -            -
accounts.report            view+change                                                      -            -
accounts.user              view+change+close_accounts+mail_password_links+reopen_accounts   view         view
auth.group                 -                                                                -            -
bookings.booking           view                                                             -            view
bookings.discrepancy       view                                                             -            view
bookings.dispute           view                                                             -            view
bookings.payment           view                                                             -            view
bookings.refund            view                                                             -            view+try_again
bookings.guestreview       view+hide+show                                                   -            -
bookings.review            view+hide+show                                                   -            -
bookings.reviewreport      view+hide+keep                                                   -            -
negotiation.negotiation    view                                                             -            -
properties.calendarentry   view                                                             -            -
properties.importedcalendar view                                                            -            -
properties.property        view+unlist                                                      -            -
"""
STAFF = {
    table: dict(zip(ROLES, words, strict=True))
    for table, *words in (line.split() for line in TABLE.splitlines() if line and not line.startswith("#"))
}
# Pages of our own, and one of Django's that opens for fewer than may change the table: its address below /admin/, for whom.
DOORS = {
    "auth_user_password_change": ("accounts/user/{}/password/", {"boss"}),
    "open_work": ("open/", {"support", "verifier", "finance", "boss"}),
    "audit_export": ("audit/documents.csv", {"verifier", "boss"}),
    "negotiation_negotiation_trial": ("negotiation/negotiation/trial/", {"support", "boss"}),
    "bookings_booking_refund": ("bookings/booking/{}/refund/", {"finance", "boss"}),
}
