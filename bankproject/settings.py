"""Wiring. What may differ between installations comes from the environment (see README.md, "Settings")."""

from typing import Any

from bankproject import dotenv, environment, home
from bankproject.database import database

BASE_DIR = environment.BASE_DIR
dotenv.read(BASE_DIR / ".env")

BANK_HOME = home.bank_home()
SECRET_KEY = home.secret_key(BANK_HOME)
DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "accounts",  # first: its `qcluster` command wraps django-q2's
    "bankproject.apps.BankAdminConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_q",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "bankproject.urls"
WSGI_APPLICATION = "bankproject.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": database(
        BANK_HOME,
        defaults={
            # A connection costs ten times as much as a transfer: keep it, but look whether it still lives.
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            # A server that crashes while we connect may never answer; psycopg would wait for 130 s.
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3, "connect_timeout": 5},
        },
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# django-q2's heartbeats live in the cache; every process must see them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "bank_cache",
    },
    "private": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

BANK_WORKERS = environment.integer("BANK_WORKERS", default=4, minimum=1, maximum=64)

# Where the file_lock strategy keeps its lock files. Machines that share a database each have their own.
BANK_LOCK_DIR = home.lock_folder(BANK_HOME)

# Where students work on the labs.
LABS_FOLDER = BASE_DIR / "my_labs"

# Whether students may hand in files on the labs' pages. They run on this machine, with our rights (docs/security.md).
LAB_HAND_IN = environment.flag("LAB_HAND_IN")

REDIS_URL = environment.redis_url("REDIS_URL")

LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

Q_CLUSTER: dict[str, Any] = {
    "name": "bank",
    # The queue is a table beside the others, so that a storm and its jobs are written in one transaction. (Where asked,
    # it is in Redis, which has neither that nor acknowledgements.)
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "workers": BANK_WORKERS,
    # A job waits with its worker from the moment it leaves the queue, and `retry` counts from then: hand out
    # few at a time, and let `retry` be well above `timeout`.
    "queue_limit": BANK_WORKERS,
    "timeout": 60,
    "retry": 150,
    "max_attempts": 5,
    # Outcomes are kept in our own tables; django-q2 would lock up to save_limit rows for each job.
    "save_limit": -1,
    "poll": 0.02,
    "scheduler": False,
    "catch_up": False,
    "log_level": environment.choice("LOG_LEVEL", LOG_LEVELS, default="WARNING"),
    # Private clusters (one for each storm) name their queue in Q_CLUSTER_NAME, for which django-q2 wants this key to
    # be there. They keep their heartbeats to themselves: no other storm may use their workers.
    "ALT_CLUSTERS": {},
    "cache": "private" if environment.text("Q_CLUSTER_NAME") else "default",
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = environment.time_zone()
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
# Served by the application itself, from where the packages keep them: there is nothing to collect.
WHITENOISE_USE_FINDERS = True

# The browser runs our own scripts and styles from their files, and nothing that a page's text might smuggle in.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# HTTPS=1 where the pages are served over HTTPS: everything that `manage.py check --deploy` asks for.
HTTPS = environment.flag("HTTPS")
# The proxy in front that speaks HTTPS, and whose word counts (`manage.py classroom` asks; see docs/security.md).
TRUSTED_PROXY = environment.address("TRUSTED_PROXY", default="127.0.0.1")
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
