"""For the type checker's Django plugin, which reads the settings but starts nothing."""

import os

os.environ |= {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "only-for-the-type-checker-" + "x" * 30,
    "DATABASE_URL": "postgresql://none@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "localhost",
    "DEMO": "1",
}

from core.settings import *  # noqa: F403 - all of them
