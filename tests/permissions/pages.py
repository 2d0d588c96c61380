"""Who may do what at the doors of pages, in the columns and words of `table.py`."""

PAGES = """
#                                                                          anon guest party host owner suprt verif fin dead
# Pages: signing up and in, links from mails.
GET    /signup/                                                          ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /signup/                                                          ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /login/                                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /login/                                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /login/second-step/                                                ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /login/second-step/                                                ok    ok    ok    ok    again ok    ok    ok    ok
GET    /account/undo/<token>/                                             ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /account/undo/<token>/                                             ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /logout/                                                          ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /logout/                                                          ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /theme/                                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /language/                                                        ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /notifications/unsubscribe/<token>/                               ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /notifications/unsubscribe/<token>/                               ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /password/forgotten/                                              ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /password/forgotten/                                              ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /password/reset/<uid>/<token>/                                    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /password/reset/<uid>/<token>/                                    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /email/confirm/<token>/                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
POST   /email/confirm/<token>/                                           ok    ok    ok    ok    ok    ok    ok    ok    ok

# Pages: one's own account.
GET    /notifications/                                                   login ok    ok    ok    ok    ok    ok    ok    login
POST   /notifications/                                                   login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/                                                         login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/                                                         login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/sessions/                                                login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/sessions/                                                login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/assistants/                                              login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/assistants/                                              login again again again again again again again login
GET    /profile/assistants/<mandate_id>/                                 login 404   ok    404   404   404   404   404   login
GET    /profile/documents/                                               login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/documents/                                               login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/password/                                                login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/password/                                                login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/preferences/                                             login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/preferences/                                             login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/second-factor/                                            login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/second-factor/                                            login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/email/                                                    login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/email/                                                    login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/data/                                                     login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/data/                                                     login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/close/                                                    login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/close/                                                    login ok    ok    ok    ok    ok    ok    ok    login
GET    /profile/blocks/                                                   login ok    ok    ok    ok    ok    ok    ok    login
POST   /profile/blocks/                                                   login ok    ok    ok    deny  ok    ok    ok    login
GET    /report/                                                           login ok    ok    ok    ok    ok    ok    ok    login
POST   /report/                                                           login ok    ok    ok    again ok    ok    ok    login

# Pages: finding and reading.
GET    /                                                                 ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /found/                                                           ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /found/<property_id>/                                             ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /homes/<property_id>/                                             ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /homes/<property_id>/reviews/                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /homes/<property_id>/similar/                                     ok    ok    ok    ok    ok    ok    ok    ok    ok
GET    /homes/<property_id>/ask/                                         login ok    ok    ok    404   ok    ok    ok    login
POST   /homes/<property_id>/ask/                                         login ok    ok    ok    404   ok    ok    ok    login
GET    /guests/<user_id>/                                                login 404   404   404   ok    404   404   404   login
GET    /hosts/<user_id>/                                                 ok    ok    ok    ok    ok    ok    ok    ok    ok

# Pages: homes that one keeps; a heart that is pressed before the sign-in leads there.
GET    /saved/                                                           login ok    ok    ok    ok    ok    ok    ok    login
GET    /saved/<property_id>/                                             login ok    ok    ok    ok    ok    ok    ok    login
POST   /saved/<property_id>/                                             login ok    ok    ok    ok    ok    ok    ok    login

# Pages: a host's homes.
GET    /hosting/                                                         login ok    ok    ok    ok    ok    ok    ok    login
GET    /hosting/new/                                                     login ok    ok    ok    ok    ok    ok    ok    login
POST   /hosting/new/                                                     login ok    ok    ok    ok    ok    ok    ok    login
GET    /hosting/<property_id>/                                           login 404   404   404   ok    404   404   404   login
GET    /hosting/<property_id>/step/<step>/                               login 404   404   404   ok    404   404   404   login
POST   /hosting/<property_id>/step/<step>/                               login 404   404   404   ok    404   404   404   login
GET    /hosting/<property_id>/unlist/                                    login ok    ok    ok    ok    ok    ok    ok    login
POST   /hosting/<property_id>/unlist/                                    login 404   404   404   ok    404   404   404   login
GET    /hosting/<property_id>/relist/                                    login ok    ok    ok    ok    ok    ok    ok    login
POST   /hosting/<property_id>/relist/                                    login 404   404   404   ok    404   404   404   login
GET    /hosting/<property_id>/feed/                                      login ok    ok    ok    ok    ok    ok    ok    login
POST   /hosting/<property_id>/feed/                                      login 404   404   404   ok    404   404   404   login
GET    /hosting/<property_id>/calendar/                                  login 404   404   404   ok    404   404   404   login
GET    /hosting/<property_id>/busy/                                      login 404   404   404   ok    404   404   404   login
GET    /hosting/figures/                                                 login ok    ok    ok    ok    ok    ok    ok    login
GET    /hosting/<property_id>/figures/                                   login 404   404   404   ok    404   404   404   login

# Pages: stays, for the two parties.
GET    /trips/                                                           login ok    ok    ok    ok    ok    ok    ok    login
GET    /bookings/<booking_id>/                                           login 404   ok    404   ok    404   404   404   login
GET    /bookings/<booking_id>/answer/                                    login ok    ok    ok    ok    ok    ok    ok    login
POST   /bookings/<booking_id>/answer/                                    login 404   deny  404   ok    404   404   404   login
GET    /bookings/<booking_id>/change/                                    login 404   ok    404   ok    404   404   404   login
POST   /bookings/<booking_id>/change/                                    login 404   ok    404   ok    404   404   404   login
POST   /bookings/<booking_id>/change/<change_id>/                        login 404   deny  404   ok    404   404   404   login
GET    /bookings/<booking_id>/cancel/                                    login 404   ok    404   ok    404   404   404   login
POST   /bookings/<booking_id>/cancel/                                    login 404   ok    404   ok    404   404   404   login
GET    /bookings/<booking_id>/receipt/                                   login 404   ok    404   ok    404   404   404   login
GET    /bookings/<booking_id>/pay/                                       login 404   ok    404   ok    404   404   404   login
POST   /bookings/<booking_id>/pay/                                       login 404   ok    404   again 404   404   404   login
GET    /bookings/<booking_id>/review/                                    login ok    ok    ok    ok    ok    ok    ok    login
POST   /bookings/<booking_id>/review/                                    login 404   ok    404   ok    404   404   404   login
GET    /bookings/<booking_id>/review/answer/                             login ok    ok    ok    ok    ok    ok    ok    login
POST   /bookings/<booking_id>/review/answer/                             login 404   deny  404   ok    404   404   404   login

# Pages: the inbox and its rooms.
GET    /inbox/                                                           login ok    ok    ok    ok    ok    ok    ok    login
GET    /inbox/rows/                                                      login ok    ok    ok    ok    ok    ok    ok    login
GET    /inbox/<negotiation_id>/                                          login 404   ok    404   ok    404   404   404   login
GET    /inbox/<negotiation_id>/outcome/                                  login 404   ok    404   ok    404   404   404   login
"""
