"""What the environment says, read once: the only module that looks at os.environ."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"

env = environ.Env()


def database(default: str) -> dict[str, Any]:
    """The database that DATABASE_URL names, with the options that each engine needs.

    `default` is the URL used when DATABASE_URL is not set. Returns Django's settings
    dictionary for one database. SQLite gets WAL and IMMEDIATE transactions (without
    them concurrent writers fail); PostgreSQL gets time limits, health checks and, where
    DATABASE_POOL is on, psycopg's own connection pool.
    """
    config: dict[str, Any] = env.db_url("DATABASE_URL", default=default)
    if config["ENGINE"].endswith("sqlite3"):
        path = Path(config["NAME"])
        if str(path) != ":memory:":
            path.parent.mkdir(parents=True, exist_ok=True)
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            # SQLite has one writer at a time, and an import of 100,000 rows writes for minutes.
            "timeout": 120,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
        return config
    config["HOST"] = unquote(config.get("HOST") or "")
    options: dict[str, Any] = {
        "connect_timeout": 3,
        # A server that vanished without a word is noticed in seconds, not when the kernel gives up in hours.
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15000,
        "options": (
            "-c statement_timeout=60000 -c lock_timeout=15000 "
            "-c idle_in_transaction_session_timeout=120000 -c timezone=UTC "
            # Compiling pays where a statement runs for seconds; a page's runs for milliseconds.
            "-c jit=off"
        ),
    }
    config["CONN_HEALTH_CHECKS"] = True
    if env.bool("DATABASE_POOL", default=False):
        options["pool"] = {"min_size": 1, "max_size": 10, "timeout": 3}
        config["CONN_MAX_AGE"] = 0
    else:
        config["CONN_MAX_AGE"] = 60
    # What the URL itself asks for (sslmode, for one) stands.
    config["OPTIONS"] = {**options, **config.get("OPTIONS", {})}
    return config


def local_key(name: str) -> str:
    """The key that the environment gives as `name`; without one a key for this machine alone.

    That is made at first use, in a file called after it, and kept outside the repository.
    """
    if key := env.str(name, default=""):
        return key
    path = LOCAL_DIR / name.lower()
    if not path.exists():
        LOCAL_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()
