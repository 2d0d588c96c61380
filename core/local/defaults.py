"""Defaults of bin/run and bin/manage for settings that the environment and .env leave out: everything on one machine."""

import os
import secrets
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from core import environment
from core.local import keeper

ROOT = Path(__file__).resolve().parents[2]
ORIGINS = ",".join(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (8081, 3000))


def fill_in() -> Path:
    """Completes os.environ for this process and its children. Returns the data directory."""
    environment.load(Path(os.environ.get("ENV_FILE", ROOT / ".env")))
    data = Path(environment.text("DATA_DIR", str(ROOT / ".data"))).resolve()
    data.mkdir(parents=True, exist_ok=True)
    host, port = environment.text("HOST", "127.0.0.1"), environment.text("PORT", "8000")
    defaults = {
        "DATA_DIR": str(data),
        "DEMO": "1",
        "HTTPS": "0",
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(["localhost", "127.0.0.1", host])),
        "CORS_ALLOWED_ORIGINS": ORIGINS,
        "CSRF_TRUSTED_ORIGINS": ORIGINS,
        "PUBLIC_URL": f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}",  # noqa: S104 - compared, not bound
        "PAYMENT_GATEWAY": "sandbox",
        "SECRET_KEY": secret_key(data),
        "VAPID_PRIVATE_KEY": vapid_key(data),
        "EMAIL_FILE_PATH": str(data / "mail"),
        "LOG_JSON": "0",
        "LOG_LEVEL": "WARNING",
    }
    for name, value in defaults.items():
        if not environment.text(name):
            os.environ[name] = value
    return data


def secret_key(data: Path) -> str:
    """Made once and kept, so that sessions and links outlive a restart."""
    return kept(data / "secret_key", lambda: secrets.token_urlsafe(50))


def vapid_key(data: Path) -> str:
    """The key that pushes are signed with; another one would have every browser subscribe again."""
    return kept(data / "vapid_key", new_vapid_key)


def new_vapid_key() -> str:
    """A private key of P-256: 32 bytes as base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


def kept(file: Path, make: Callable[[], str]) -> str:
    """The content of `file`, which is made the first time."""
    if not file.exists():
        draft = file.with_suffix(".new")
        draft.touch(0o600)
        draft.write_text(make())
        draft.replace(file)
    return file.read_text().strip()


def attach(data: Path, with_keeper: "subprocess.Popen[bytes] | None" = None) -> None:
    """Sets the addresses of the embedded services where no others are set; they stay up while this process lives."""
    if environment.text("DATABASE_URL") and environment.text("REDIS_URL"):
        return
    found = keeper.use(data, with_keeper)
    for name, url in zip(("DATABASE_URL", "REDIS_URL"), found, strict=True):
        if not environment.text(name):
            os.environ[name] = url


def main() -> None:
    """manage.py with the environment of bin/run."""
    try:
        attach(fill_in())
    except keeper.StartFailed as failure:
        sys.exit(f"bin/manage: {failure}")
    import manage  # the settings it leads to need the environment that was just filled in

    manage.main()


if __name__ == "__main__":
    main()
