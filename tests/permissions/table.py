"""Who may do what at every door of the product. test_matrix.py asks at each of them as each of these people.

| column | who asks |
|---|---|
| anonymous | without credentials |
| guest | somebody with an account who has nothing to do with what is asked about |
| party | the guest whose haggle, booking, review, document, sign-in or notification it is |
| host | another host: a stranger as well |
| owner | the host whose home it is, and the host's side of that haggle and booking |
| suprt, verif, fin | staff of the three roles: strangers at these doors, but for a verifier and documents |
| dead | credentials that were good: of a closed account, expired, revoked; each of the three |

| word | what comes of it |
|---|---|
| ok | done or shown |
| 401 | `auth.required` |
| login | a page sends them to the log-in first |
| 404 | `not_found`, the same to the byte as for what does not exist |
| 403 | `not_allowed` |
| turn | `offer.not_your_turn`: they may, but not now |
| limit.spent | they may, and there is no limit of theirs to take back |
| deny | a page that leads back with a word of refusal |
| again | a page that shows its form again, with what is wrong, or a key that is shown this once |
| sign | `invalid`: not signed as it should be |

Whatever is not here is not served: 405. A path without a line here fails the test, and so does a line without a path.
"""

from __future__ import annotations

from tests.permissions.pages import PAGES

COLUMNS = ("anonymous", "guest", "party", "host", "owner", "support", "verifier", "finance", "dead")
TABLE = """
#                                                                          anon guest party host owner suprt verif fin dead
# Health. What is asked from outside comes from another machine: there is no /metrics for it.
GET    /healthz/                                                         ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /readyz/                                                          ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /metrics                                                          404   404   404   404   404   404   404   404   404

# Files of the site; no contact is set, so there is no security.txt.
GET    /robots.txt                                                       ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /about/<name>/                                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /.well-known/security.txt                                         404   404   404   404   404   404   404   404   404
GET    /manifest.webmanifest                                             ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /service-worker.js                                                ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /offline/                                                         ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /favicon.ico                                                      ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /mcp/server-card                                                  ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /.well-known/ai-catalog.json                                      ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /llms.txt                                                         ok    ok    ok    ok    ok    ok    ok    ok    ok

# Signing in and out, and one's own account.
POST   /auth/signup/                                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /auth/hostsignup/                                                 ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /auth/login/                                                      ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /auth/logout/                                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /auth/logoutall/                                                  ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /auth/sessions/                                                   401   ok    ok    ok    ok    ok    ok    ok    401
DELETE /auth/sessions/<sign_in_id>/                                      401   404   ok    404   404   404   404   404   401
POST   /auth/ws-ticket/                                                  401   ok    ok    ok    ok    ok    ok    ok    401
GET    /auth/user/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
PATCH  /auth/user/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
DELETE /auth/user/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/password/                                                   401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/password/reset/                                             ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /auth/password/reset/confirm/                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /auth/email/                                                      401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/email/confirm/                                              ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /auth/documents/                                                  401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/documents/                                                  401   ok    ok    ok    ok    ok    ok    ok    401
GET    /auth/documents/<document_id>/file/                               401   404   ok    404   404   404   ok    404   401
POST   /auth/unsubscribe/<token>/                                        ok    ok    ok    ok    ok    ok    ok    ok    ok

# One's data, other people, and the second factor.
POST   /auth/undo/                                                        ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /auth/export/                                                      401   ok    ok    ok    ok    ok    ok    ok    401
GET    /auth/export/file/                                                 401   404   ok    404   404   404   404   404   401
GET    /auth/block/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
PUT    /auth/block/<user_id>/                                             401   ok    ok    ok    sign  ok    ok    ok    401
DELETE /auth/block/<user_id>/                                             401   ok    ok    ok    ok    ok    ok    ok    401
GET    /auth/push/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/push/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
DELETE /auth/push/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
DELETE /auth/push/<subscription_id>/                                     401   404   ok    404   404   404   404   404   401
GET    /auth/push/key/                                                   ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /auth/report/                                                      401   ok    ok    ok    sign  ok    ok    ok    401
GET    /auth/second-factor/                                               401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/second-factor/totp/                                          401   ok    ok    ok    ok    ok    ok    ok    401
DELETE /auth/second-factor/totp/                                          401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/second-factor/totp/confirm/                                  401   sign  sign  sign  sign  sign  sign  sign  401
POST   /auth/second-factor/recovery-codes/                                401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/passkeys/                                                    401   sign  sign  sign  sign  sign  sign  sign  401
POST   /auth/passkeys/options/                                            401   ok    ok    ok    ok    ok    ok    ok    401
DELETE /auth/passkeys/<passkey_id>/                                       401   404   404   404   ok    404   404   404   401
POST   /auth/login/passkey/                                               ok    ok    ok    ok    ok    ok    ok    ok    ok

# What one's machines may do; test_machines.py asks at every door with the key of one.
GET    /auth/agents/                                                      401   ok    ok    ok    ok    ok    ok    ok    401
POST   /auth/agents/                                                      401   ok    ok    ok    ok    ok    ok    ok    401
GET    /auth/agents/<mandate_id>/                                         401   404   ok    404   404   404   404   404   401
PATCH  /auth/agents/<mandate_id>/                                         401   404   ok    404   404   404   404   404   401
DELETE /auth/agents/<mandate_id>/                                         401   404   ok    404   404   404   404   404   401
GET    /auth/agents/<mandate_id>/log/                                     401   404   ok    404   404   404   404   404   401

# What one was told.
GET    /api/notification/                                                401   ok    ok    ok    ok    ok    ok    ok    401
POST   /api/notification/<notification_id>/read/                         401   404   ok    404   404   404   404   404   401
GET    /api/notification/preferences/                                    401   ok    ok    ok    ok    ok    ok    ok    401
PATCH  /api/notification/preferences/                                    401   ok    ok    ok    ok    ok    ok    ok    401
POST   /api/notification/read_all/                                       401   ok    ok    ok    ok    ok    ok    ok    401

# Listing a home: its host alone, but for the menu of a listed one.
GET    /api/property_registration/step1/                                 401   ok    ok    ok    ok    ok    ok    ok    401
POST   /api/property_registration/step1/                                 401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/property_registration/step1/<property_id>/                   401   404   404   404   ok    404   404   404   401
PUT    /api/property_registration/step1/<property_id>/                   401   404   404   404   ok    404   404   404   401
GET    /api/property_registration/step2/<property_id>/                   401   404   404   404   ok    404   404   404   401
PUT    /api/property_registration/step2/<property_id>/                   401   404   404   404   ok    404   404   404   401
GET    /api/property_registration/step3/<property_id>/                   401   404   404   404   ok    404   404   404   401
PUT    /api/property_registration/step3/<property_id>/                   401   404   404   404   ok    404   404   404   401
GET    /api/property_registration/step4/<property_id>/                   401   404   404   404   ok    404   404   404   401
PUT    /api/property_registration/step4/<property_id>/                   401   404   404   404   ok    404   404   404   401
GET    /api/property_registration/step5/<property_id>/                   ok    ok    ok    ok    ok    ok    ok    ok    ok
PUT    /api/property_registration/step5/<property_id>/                   401   404   404   404   ok    404   404   404   401
GET    /api/property_registration/step6/<property_id>/                   401   404   404   404   ok    404   404   404   401
PUT    /api/property_registration/step6/<property_id>/                   401   404   404   404   ok    404   404   404   401
GET    /api/property_registration/step7/<property_id>/                   401   404   404   404   ok    404   404   404   401
PUT    /api/property_registration/step7/<property_id>/                   401   404   404   404   ok    404   404   404   401
POST   /api/property_registration/step2/<property_id>/photos/            401   404   404   404   ok    404   404   404   401
PUT    /api/property_registration/step2/<property_id>/photos/            401   404   404   404   ok    404   404   404   401
DELETE /api/property_registration/step2/<property_id>/photos/<photo_id>/ 401   404   404   404   ok    404   404   404   401
GET    /api/complete_registration/<property_id>/                         401   404   404   404   ok    404   404   404   401
GET    /api/mylistings/                                                  401   ok    ok    ok    ok    ok    ok    ok    401

# Finding and reading.
GET    /api/properties/places/                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /api/properties/search/                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
PUT    /api/properties/search/                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /api/property/<property_id>/availability/                         ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /api/property/<property_id>/quote/                                ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /api/property/<property_id>/                                      ok    ok    ok    ok    ok    ok    ok    ok    ok

# Homes that one keeps.
GET    /api/saved/                                                       401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/saved/<property_id>/                                         401   404   ok    404   404   404   404   404   401
PUT    /api/saved/<property_id>/                                         401   ok    ok    ok    ok    ok    ok    ok    401
DELETE /api/saved/<property_id>/                                         401   ok    ok    ok    ok    ok    ok    ok    401

# A home's nights, its state, its calendar's address: the host; the feed is for everybody who has the address.
POST   /api/property/<property_id>/block/                                401   404   404   404   ok    404   404   404   401
POST   /api/property/<property_id>/price/                                401   404   404   404   ok    404   404   404   401
POST   /api/property/<property_id>/mark_interval_available/              401   404   404   404   ok    404   404   404   401
PUT    /api/property/<property_id>/unlist/                               401   404   404   404   ok    404   404   404   401
PUT    /api/property/<property_id>/relist/                               401   404   404   404   ok    404   404   404   401
GET    /api/property/<property_id>/ical/                                 401   404   404   404   ok    404   404   404   401
POST   /api/property/<property_id>/ical/                                 401   404   404   404   ok    404   404   404   401
GET    /api/property/<property_id>/calendars/                            401   404   404   404   ok    404   404   404   401
POST   /api/property/<property_id>/calendars/                            401   404   404   404   ok    404   404   404   401
DELETE /api/property/<property_id>/calendars/<calendar_id>/              401   404   404   404   ok    404   404   404   401
POST   /api/property/<property_id>/calendars/<calendar_id>/refresh/      401   404   404   404   ok    404   404   404   401
GET    /ical/<token>.ics                                                 ok    ok    ok    ok    ok    ok    ok    ok    ok

# Figures: one's own homes, however many that are.
GET    /api/dashboard/                                                   401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/dashboard/csv/                                               401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/dashboard/property/<property_id>/                            401   404   404   404   ok    404   404   404   401
GET    /api/dashboard/property/<property_id>/csv/                        401   404   404   404   ok    404   404   404   401

# Booking and paying: the two parties. One's own home can't be booked (403).
POST   /api/reserve/                                                     401   ok    ok    ok    403   ok    ok    ok    401
GET    /api/reservation/<booking_id>/                                    401   404   ok    404   ok    404   404   404   401
GET    /api/booking_details/<booking_id>/                                401   404   ok    404   ok    404   404   404   401
GET    /api/booking/<booking_id>/calendar.ics                            401   404   ok    404   ok    404   404   404   401
GET    /api/booking/<booking_id>/changes/                                401   404   ok    404   ok    404   404   404   401
POST   /api/booking/<booking_id>/changes/                                401   404   ok    404   ok    404   404   404   401
GET    /api/booking/<booking_id>/changes/quote/                          401   404   ok    404   ok    404   404   404   401
PUT    /api/booking/<booking_id>/changes/<change_id>/                    401   404   403   404   ok    404   404   404   401
GET    /api/booking/<booking_id>/refund/                                 401   404   ok    404   ok    404   404   404   401
GET    /api/booking/<booking_id>/review/                                 401   404   ok    404   ok    404   404   404   401
PUT    /api/booking/<booking_id>/review/                                 401   404   ok    404   ok    404   404   404   401
DELETE /api/booking/<booking_id>/review/                                 401   404   ok    404   ok    404   404   404   401
PUT    /api/booking/<booking_id>/status/                                 401   404   ok    404   ok    404   404   404   401
GET    /api/booking/<booking_id>/payment/                                401   404   ok    404   ok    404   404   404   401
POST   /api/booking/<booking_id>/payment/                                401   404   ok    404   403   404   404   404   401
GET    /api/booking/<booking_id>/payment/<payment_id>/                   401   404   ok    404   ok    404   404   404   401
GET    /api/upcoming_bookings/as_guest/                                  401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/upcoming_bookings/as_host/                                   401   ok    ok    ok    ok    ok    ok    ok    401

# Reviews: read by all, written by the guest of the stay, answered by the host, reported by anybody signed in.
GET    /api/review/<property_id>/                                        ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /api/review/<property_id>/                                        401   404   ok    404   404   404   404   404   401
POST   /api/review/<property_id>/<review_id>/answer/                     401   404   404   404   ok    404   404   404   401
POST   /api/review/<property_id>/<review_id>/report/                     401   ok    ok    ok    ok    ok    ok    ok    401

# Gateways. The sandbox's page knows its payment by a secret address; Stripe signs (these requests are not signed).
GET    /api/payments/sandbox/<reference>/                                ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /api/payments/sandbox/<reference>/                                ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /api/payments/stripe/webhook/                                     sign  sign  sign  sign  sign  sign  sign  sign  sign

# Profiles: a guest's is for hosts who deal with that guest.
GET    /auth/host_profile/<user_id>/                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /auth/host_profile_details/<user_id>/                             ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /auth/guest_profile/<user_id>/                                    401   404   404   404   ok    404   404   404   401

# Haggling: the two parties; each side by its own address (403). The guest's bid stands, so the guest waits (turn).
GET    /api/nego/as_guest/                                               401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/nego/as_host/                                                401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/nego/negotiations/as_guest/                                  401   ok    ok    ok    ok    ok    ok    ok    401
GET    /api/nego/negotiations/as_host/                                   401   ok    ok    ok    ok    ok    ok    ok    401
POST   /api/nego/start_negotiation_by_guest/                             401   ok    ok    ok    403   ok    ok    ok    401
PUT    /api/nego/guest_proposed/<negotiation_id>/                        401   404   turn  404   403   404   404   404   401
PUT    /api/nego/host_proposed/<negotiation_id>/                         401   404   403   404   ok    404   404   404   401
PUT    /api/nego/update_status/<negotiation_id>/                         401   404   turn  404   ok    404   404   404   401
GET    /api/nego/negotiation_details/<negotiation_id>/                   401   404   ok    404   ok    404   404   404   401
GET    /api/nego/<negotiation_id>/entries/                               401   404   ok    404   ok    404   404   404   401
POST   /api/nego/<negotiation_id>/limit/                                 401   404   ok    404   ok    404   404   404   401
DELETE /api/nego/<negotiation_id>/limit/                                 401   404   limit.spent 404 limit.spent 404 404 404 401
POST   /api/nego/<negotiation_id>/messages/                              401   404   ok    404   ok    404   404   404   401

# For everybody: files and schemas; and the door of the staff's own pages, whose table is in staff.py.
GET    /ws/schema/                                                       ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /jsi18n/                                                          ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /api/schema/                                                      ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /api/docs/                                                        ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /admin/                                                           login login login login login ok    ok    ok    login
GET    /media/drawn/<family>/<name>.png                                  ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /media/<path>                                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
"""


def rows(table: str, columns: tuple[str, ...]) -> dict[tuple[str, str], dict[str, str]]:
    """(method, route) → column → word."""
    lines = (line.split() for line in table.splitlines() if line and not line.startswith("#"))
    return {(method, route.lstrip("/")): dict(zip(columns, words, strict=True)) for method, route, *words in lines}


DOORS = rows(TABLE + PAGES, COLUMNS)
# Doors that look at no cookie and so need no CSRF token: they act for the holder of a secret in the request.
NO_COOKIE = {
    "auth/signup/", "auth/login/", "auth/password/reset/", "auth/password/reset/confirm/", "auth/email/confirm/",
    "auth/undo/", "auth/login/passkey/", "auth/unsubscribe/<token>/", "api/payments/sandbox/<reference>/",
    "api/payments/stripe/webhook/",
}  # fmt: skip
