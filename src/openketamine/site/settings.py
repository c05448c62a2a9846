"""The one file that reads the environment. A wrong value stops the start and says what to write."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("OPENKETAMINE_HOME", "var/clinic")).resolve()


def env_bool(name: str, *, default: bool) -> bool:
    """Read a switch; anything but True or False stops the start."""
    value = os.environ.get(name, str(default))
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name} = {value!r}: write True or False")
    return value == "True"


KEPT: dict[str, object] = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}


def database(url: str) -> dict[str, object]:
    """Turn a database URL into Django's settings; raises ImproperlyConfigured for a scheme we do not run on."""
    if not url:
        HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = f"sqlite:///{HOME / 'clinic.sqlite3'}"
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON",
        }
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path,
            "OPTIONS": options,
            **KEPT,
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            **KEPT,
        }
    raise ImproperlyConfigured(
        f"OPENKETAMINE_DB = {parts.scheme}://...: write sqlite:///PATH or postgresql://USER@HOST/NAME"
    )


def secret_key() -> str:
    """Return the clinic's own key, made at first use and readable by its owner alone."""
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = HOME / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(os.urandom(48).hex())
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


SECRET_KEY = secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("OPENKETAMINE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("OPENKETAMINE_ORIGINS", "").split(",") if origin]
DATABASES = {"default": database(os.environ.get("OPENKETAMINE_DB", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOMS = (
    "ui", "audit", "people", "tasks", "instruments", "monitoring", "pharmacology", "candidacy", "plan", "ledger",
    "infusion", "recovery", "followup", "safety", "registry", "portal", "learn", "chart",
)  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    *(f"openketamine.clinic.{room}" for room in ROOMS),
    "openketamine.doors.fhir",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "openketamine.clinic.people.middleware.ClinicTime",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "openketamine.clinic.people.middleware.NeverKept",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "openketamine.site.urls"
ASGI_APPLICATION = "openketamine.site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "openketamine.clinic.people.context.clinic",
            ],
        },
    }
]
AUTH_USER_MODEL = "people.Staff"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "people:sign-in"
LOGIN_REDIRECT_URL = "chart:board"

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE / "locale"]
LANGUAGES = [
    ("en", "English"),
    *((path.parents[1].name, path.parents[1].name) for path in sorted(BASE.glob("locale/*/LC_MESSAGES/django.mo"))),
]
TIME_ZONE = "UTC"  # what is stored; pages and papers follow the clinic's own zone (`clinic/people/clinic_time.py`)
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = True

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env_bool("OPENKETAMINE_HTTPS", default=False)
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
# On SQLite the device inbox lies beside the clinic's own file, else in the home folder.
INBOX_PATH = (
    Path(str(DATABASES["default"]["NAME"])).with_name("inbox.sqlite3")
    if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    else HOME / "inbox.sqlite3"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "openketamine.site.logs.NoPersonalData"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
SIGNING_KEY_PATH = HOME / "signing.key"
