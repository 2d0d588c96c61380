"""Settings: defaults are production's; everything a deployment changes comes from the environment or .env.

Each name is explained in .env.example.
"""

import os
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from core import environment as env
from core import timezones
from core.api import schema_document
from core.database.address import database
from core.server import logs, request_bodies, static_files
from core.storage.places import in_buckets, on_disk
from core.web.content_policy import content_policy

BASE_DIR = Path(__file__).resolve().parent.parent
env.load(Path(os.environ.get("ENV_FILE", BASE_DIR / ".env")))

DEBUG = env.flag("DEBUG", False)
HTTPS = env.flag("HTTPS", not DEBUG)
SECRET_KEY = env.secret("SECRET_KEY", weak_is_fine=DEBUG)
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data")))

LOCAL_ORIGINS = tuple(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (8081, 3000))
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", ("localhost", "127.0.0.1") if DEBUG else ())
if not ALLOWED_HOSTS:
    env.required("ALLOWED_HOSTS")
CORS_ALLOWED_ORIGINS = env.names("CORS_ALLOWED_ORIGINS", LOCAL_ORIGINS if DEBUG else ())
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "x-csrftoken", "x-requested-with"]
CORS_EXPOSE_HEADERS = ["Link", "Retry-After", "Content-Disposition"]
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", LOCAL_ORIGINS if DEBUG else ())
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 0)
SERVICES = frozenset(env.names("SERVICES", ("auth", "host", "guest", "negotiation", "web")))
METRICS_TOKEN = env.text("METRICS_TOKEN")
# The address that the page "Contact" names.
SITE_CONTACT = env.text("SITE_CONTACT", "")
SECURITY_CONTACT = env.text("SECURITY_CONTACT")
PUBLIC_PATHS = env.some_of("PUBLIC_PATHS", ("schema", "docs", "readyz"))

HTTP_THREADS = env.whole("HTTP_THREADS", 8, least=1)
# A process that ends spreads its sockets' goodbyes over so many seconds.
DRAIN_S = env.whole("DRAIN_S", 10)

# --- what the product does -----------------------------------------------------------------------------------------
PLATFORM_FEE_PERCENT = Decimal(env.decimal("PLATFORM_FEE_PERCENT", "5"))
TAX_PERCENT = Decimal(env.decimal("TAX_PERCENT", "10"))
RATE_LIMIT_FACTOR = float(env.decimal("RATE_LIMIT_FACTOR", "1"))
OFFER_MIN_EXPIRES_IN = env.whole("OFFER_MIN_EXPIRES_IN", 300, least=1)
# Other rules on a share of the homes (properties/rules/trial.py).
RULES_TRIAL = env.trial("RULES_TRIAL", offers="[1-9]|1[0-9]|20", seal="first")
HOLD_INSTANT_S = env.whole("HOLD_INSTANT_S", 900, least=1)
HOLD_REQUEST_S = env.whole("HOLD_REQUEST_S", 86400, least=1)
PAY_WITHIN_S = env.whole("PAY_WITHIN_S", 86400, least=1)
# Calendars of other sites: between two readings; until one that is empty now is believed; until failing is told of.
CALENDAR_EVERY_S = env.whole("CALENDAR_EVERY_S", 900, least=1)
CALENDAR_EMPTY_S = env.whole("CALENDAR_EMPTY_S", 600, least=1)
CALENDAR_FAILED_S = env.whole("CALENDAR_FAILED_S", 86400, least=1)
CALENDAR_ALLOW_HOSTS = env.names("CALENDAR_ALLOW_HOSTS", ())
TOKEN_TTL_S = env.whole("TOKEN_TTL_S", 30 * 86400, least=1)
# Web Push: the key pair (32 bytes as base64url); without one it is not offered. Push services elsewhere than on public
# addresses.
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY")
PUSH_ALLOW_HOSTS = env.names("PUSH_ALLOW_HOSTS", ())
PAYMENT = env.choice("PAYMENT", "online", ("online", "on_arrival"))
PAYMENT_GATEWAY = env.choice("PAYMENT_GATEWAY", "sandbox" if DEBUG else "none", ("none", "sandbox", "stripe"))
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_PUBLISHABLE_KEY = env.text("STRIPE_PUBLISHABLE_KEY")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = env.text("STRIPE_API_BASE")
MAPTILER_KEY = env.text("MAPTILER_KEY")
MAP_TILE_URL = env.text("MAP_TILE_URL")

# --- the apps, floor by floor --------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # First, so that runserver serves /ws/; nothing else needs it, and Twisted with it.
    *(["daphne"] if "runserver" in sys.argv[1:2] else []),
    "core",
    "accounts",
    "properties",
    "bookings",
    "negotiation",
    "channels",
    "rest_framework",
    "knox",
    "corsheaders",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts.staff_apps.StaffSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
if env.flag("DEMO", DEBUG):
    INSTALLED_APPS.append("demo")  # never in production
MIDDLEWARE = [
    "core.web.request_log.RequestMiddleware",
    # Before the gateway: a browser on another origin could not read its refusals (413, 404) otherwise.
    "corsheaders.middleware.CorsMiddleware",
    "core.web.service_routing.GatewayMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.web.cache_headers.PrivacyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.languages.LanguageMiddleware",
    "accounts.staff_sessions.StaffMiddleware",
    "accounts.account_header.AccountHeaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.web.pages.PagesMiddleware",
]
ROOT_URLCONF = "core.urls"
APPEND_SLASH = False
ASGI_APPLICATION = "asgi.application"
TEST_RUNNER = "core.local.pytest_runner.PytestRunner"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # An operator's own texts: a folder with core/site/terms.html and its like.
        "DIRS": [folder] if (folder := env.text("SITE_TEMPLATES", "")) else [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.pages.notifying.unread",
            ]
        },
    }
]

# --- database and broker -------------------------------------------------------------------------------------------
DATABASE_URL, REDIS_URL = env.text("DATABASE_URL"), env.text("REDIS_URL")
if DEBUG and not (DATABASE_URL and REDIS_URL):
    DATABASE_URL, REDIS_URL = env.embedded(DATA_DIR, DATABASE_URL, REDIS_URL)
DATABASE_URL = DATABASE_URL or env.required("DATABASE_URL")
REDIS_URL = REDIS_URL or env.required("REDIS_URL")
# A request that waits longer than this is answered `unavailable`; migrations and bulk commands set 0 (no limit).
STATEMENT_TIMEOUT_MS = env.whole("STATEMENT_TIMEOUT_MS", 8000)
DATABASES = {"default": database(DATABASE_URL)}
if DATABASE_REPLICA_URL := env.text("DATABASE_REPLICA_URL"):
    DATABASES["replica"] = database(DATABASE_REPLICA_URL, name="DATABASE_REPLICA_URL", writes=False)
    DATABASE_ROUTERS = ["core.database.replica.ReplicaRouter"]
CHANNEL_PREFIX = env.text("CHANNEL_PREFIX", "staynest")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "core.live.channel_layer.PatientChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": CHANNEL_PREFIX},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": CHANNEL_PREFIX,
    }
}

# --- who ------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "accounts.hashers.BoundedArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "accounts.services.passwords.EndSignIns"})
PASSWORD_RESET_TIMEOUT = 3600
# A sign-in of the staff ends after so long, and after so long without a request.
STAFF_SESSION_S = env.whole("STAFF_SESSION_S", 8 * 3600, least=60)
STAFF_IDLE_S = env.whole("STAFF_IDLE_S", 30 * 60, least=60)
# The host whose passkeys count; empty: the one that the browser came by.
PASSKEY_HOST = env.text("PASSKEY_HOST")
# Where /admin/ is served at all: on these hosts, to these networks; without them everywhere.
ADMIN_HOSTS = frozenset(name.lower() for name in env.names("ADMIN_HOSTS", ()))
ADMIN_NETWORKS = env.networks("ADMIN_NETWORKS")
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# The product's own tables of sign-ins, which know their user and user agent; knox brings the token and its hash.
KNOX_TOKEN_MODEL = "accounts.AuthToken"
MIGRATION_MODULES = {"knox": None}
SESSION_ENGINE = "accounts.session_store"
REST_KNOX = {"TOKEN_TTL": timedelta(seconds=TOKEN_TTL_S), "AUTH_HEADER_PREFIX": "Token"}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenOrSession"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.rate_limits.RestThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.rendering.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.exceptions.TolerantJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.exceptions.TolerantNegotiation",
    "EXCEPTION_HANDLER": "core.api.exceptions.handle_exception",
    "DEFAULT_SCHEMA_CLASS": "core.api.openapi.RestSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = schema_document.SETTINGS

# --- files and pages -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("bn", "বাংলা")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# One table of zones, the pinned package's, wherever this runs.
timezones.use_package()
STATIC_URL = "/static/"
STATIC_ROOT = static_files.ROOT
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(DATA_DIR / "media")))
PRIVATE_ROOT = Path(env.text("PRIVATE_ROOT", str(DATA_DIR / "private")))
S3_BUCKET, S3_REGION, S3_ENDPOINT_URL = env.text("S3_BUCKET"), env.text("S3_REGION"), env.text("S3_ENDPOINT_URL")
# Where a content network stands in front of the public bucket.
S3_PUBLIC_URL = env.text("S3_PUBLIC_URL")
STORAGES, PICTURES_ADDRESS = on_disk(PRIVATE_ROOT), ""
if S3_BUCKET:
    _place = {"region": S3_REGION, "endpoint": S3_ENDPOINT_URL, "public_url": S3_PUBLIC_URL}
    STORAGES, PICTURES_ADDRESS = in_buckets(S3_BUCKET, env.required("S3_PRIVATE_BUCKET"), **_place)
# Public files are read by the gateway, which runs as another user.
FILE_UPLOAD_PERMISSIONS = 0o644
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755
DATA_UPLOAD_MAX_MEMORY_SIZE = request_bodies.LARGEST  # each route's own limit is held before Django sees the body
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- mail ----------------------------------------------------------------------------------------------------------
EMAIL_FILE_PATH = env.text("EMAIL_FILE_PATH")
_mail = "smtp" if env.text("EMAIL_HOST") else "filebased" if EMAIL_FILE_PATH else "console"
EMAIL_BACKEND = f"django.core.mail.backends.{_mail}.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.whole("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.plain("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.plain("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "StayNest <no-reply@localhost>")

# --- security ------------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
if HTTPS:  # of this host alone: no other one of the domain can set them
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "core.web.pages.csrf_failure"
SESSION_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_AGE = HTTPS, "Lax", 365 * 86400
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = content_policy(tiles=bool(MAPTILER_KEY), tile_url=MAP_TILE_URL, pictures=PICTURES_ADDRESS)

# --- logs ----------------------------------------------------------------------------------------------------------
LOG_JSON = env.flag("LOG_JSON", not DEBUG)
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
logs.configure(as_json=LOG_JSON, level=LOG_LEVEL)
LOGGING = logs.django_logging(as_json=LOG_JSON, level=LOG_LEVEL)
