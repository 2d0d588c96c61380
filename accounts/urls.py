"""REST paths of this app, each written in full from the root."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import documents, exports, notifications, passwords, safety, second_factors, sign_in, sign_up, user
from core.api import path_converters  # noqa: F401 - registers `id`

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/signup/", sign_up.SignUpView.as_view()),
    path("auth/hostsignup/", sign_up.HostSignUpView.as_view()),
    path("auth/login/", sign_in.LogInView.as_view()),
    path("auth/logout/", sign_in.LogOutView.as_view()),
    path("auth/logoutall/", sign_in.LogOutEverywhereView.as_view()),
    path("auth/sessions/", sign_in.SessionsView.as_view()),
    path("auth/sessions/<slug:sign_in_id>/", sign_in.SessionView.as_view()),
    path("auth/ws-ticket/", sign_in.WsTicketView.as_view()),
    path("auth/user/", user.UserView.as_view()),
    path("auth/password/", passwords.PasswordView.as_view()),
    path("auth/password/reset/", passwords.PasswordResetView.as_view()),
    path("auth/password/reset/confirm/", passwords.PasswordResetConfirmView.as_view()),
    path("auth/email/", passwords.EmailView.as_view()),
    path("auth/email/confirm/", passwords.EmailConfirmView.as_view()),
    path("auth/undo/", passwords.UndoView.as_view()),
    path("auth/export/", exports.ExportView.as_view()),
    path("auth/export/file/", exports.ExportFileView.as_view()),
    path("auth/block/", safety.BlocksView.as_view()),
    path("auth/block/<id:user_id>/", safety.BlockView.as_view()),
    path("auth/report/", safety.ReportView.as_view()),
    path("auth/second-factor/", second_factors.SecondFactorView.as_view()),
    path("auth/second-factor/totp/", second_factors.AppView.as_view()),
    path("auth/second-factor/totp/confirm/", second_factors.ConfirmAppView.as_view()),
    path("auth/second-factor/recovery-codes/", second_factors.RecoveryCodesView.as_view()),
    path("auth/passkeys/", second_factors.PasskeysView.as_view()),
    path("auth/passkeys/options/", second_factors.PasskeyOptionsView.as_view()),
    path("auth/passkeys/<id:passkey_id>/", second_factors.PasskeyView.as_view()),
    path("auth/login/passkey/", second_factors.PasskeySignInView.as_view()),
    path("auth/documents/", documents.DocumentsView.as_view()),
    path("auth/documents/<int:document_id>/file/", documents.DocumentFileView.as_view()),
    path("api/notification/", notifications.NotificationsView.as_view()),
    path("api/notification/<int:notification_id>/read/", notifications.ReadView.as_view()),
    path("api/notification/preferences/", notifications.PreferencesView.as_view()),
    path("auth/unsubscribe/<str:token>/", notifications.UnsubscribeView.as_view()),
    path("api/notification/read_all/", notifications.ReadAllView.as_view()),
]
