"""The product's own settings; only what costs time and proves nothing is cheaper."""

from core.settings import *  # noqa: F403 - all of them

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]  # noqa: F405 - comes with the star
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Static files straight from the apps, without collectstatic first.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405 - comes with the star
# Any number below the order of P-256.
VAPID_PRIVATE_KEY = "AQ" + "I" * 41
INSTALLED_APPS = ["tests.emptying", *dict.fromkeys([*INSTALLED_APPS, "demo"])]  # noqa: F405 - comes with the star
