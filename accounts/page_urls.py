"""Web pages of this app, each path written in full from the root."""

from django.urls import URLPattern, URLResolver, path

from accounts.pages import (
    data_page,
    documents,
    email_page,
    language_page,
    notifying,
    passwords,
    preferences,
    profile,
    safety_pages,
    second_factor_page,
    second_step_page,
    sign_in_pages,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("signup/", sign_in_pages.signup, name="signup"),
    path("login/", sign_in_pages.login, name="login"),
    path("login/second-step/", second_step_page.second_step, name="second_step"),
    path("logout/", sign_in_pages.logout, name="logout"),
    path("language/", language_page.language, name="language"),
    path("notifications/", notifying.notifications, name="notifications"),
    path("profile/", profile.profile, name="profile"),
    path("profile/sessions/", profile.sessions, name="sessions"),
    path("profile/second-factor/", second_factor_page.second_factor, name="second_factor"),
    path("profile/email/", email_page.email, name="email"),
    path("profile/data/", data_page.data, name="data"),
    path("profile/close/", data_page.close, name="close_account"),
    path("profile/blocks/", safety_pages.blocks, name="blocks"),
    path("report/", safety_pages.report, name="report"),
    path("account/undo/<str:token>/", passwords.undo, name="undo"),
    path("profile/documents/", documents.documents, name="documents"),
    path("profile/password/", passwords.password, name="password"),
    path("profile/preferences/", preferences.preferences, name="preferences"),
    path("notifications/unsubscribe/<str:token>/", preferences.unsubscribe_page, name="unsubscribe"),
    path("password/forgotten/", passwords.forgotten, name="forgotten"),
    path("password/reset/<str:uid>/<str:token>/", passwords.new_password, name="new_password"),
    path("email/confirm/<str:token>/", passwords.confirm, name="confirm_email"),
]
