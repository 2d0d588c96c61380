"""Web pages of this app, each path written in full from the root."""

from django.urls import URLPattern, URLResolver, path

from accounts.pages import documents, notifying, passwords, preferences, profile, sign_in_pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("signup/", sign_in_pages.signup, name="signup"),
    path("login/", sign_in_pages.login, name="login"),
    path("logout/", sign_in_pages.logout, name="logout"),
    path("notifications/", notifying.notifications, name="notifications"),
    path("profile/", profile.profile, name="profile"),
    path("profile/sessions/", profile.sessions, name="sessions"),
    path("profile/documents/", documents.documents, name="documents"),
    path("profile/password/", passwords.password, name="password"),
    path("profile/preferences/", preferences.preferences, name="preferences"),
    path("notifications/unsubscribe/<str:token>/", preferences.unsubscribe_page, name="unsubscribe"),
    path("password/forgotten/", passwords.forgotten, name="forgotten"),
    path("password/reset/<str:uid>/<str:token>/", passwords.new_password, name="new_password"),
    path("email/confirm/<str:token>/", passwords.confirm, name="confirm_email"),
]
