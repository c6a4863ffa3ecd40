"""`make run`: the whole product on this machine with nothing but Python; see config/embedded.py.

Makes or updates the database, fills an empty one with the demo council, says who can
sign in as what, and becomes gunicorn.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def port_problem(host: str, port: int) -> str | None:
    """Why the address cannot be served from, in a sentence with the way out; None when it can."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            return (
                f"Port {port} of {host} cannot be used ({error.strerror}). "
                f"Stop what is using it, or choose another port: make run PORT={port + 1}"
            )
    return None


def prepare(*, fill: bool = True) -> None:
    """Bring the database up to date; when `fill` and nobody is in it, seed the demo council; print the sign-ins."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    if fill and not get_user_model()._default_manager.exists():
        print("Filling the empty database with the demo council ...", flush=True)
        call_command("seed_demo")
    call_command("demo_logins")
    sys.stdout.flush()


def main() -> int:
    host, port = os.environ.setdefault("BIND", "127.0.0.1"), int(os.environ.setdefault("PORT", "8000"))
    if problem := port_problem(host, port):
        print(problem, file=sys.stderr)
        return 1
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.local"
    # The database and the secret key that are made here are for this user alone.
    os.umask(0o077)
    # This process is its own broker; a Redis named for something else stays out of it.
    os.environ.pop("REDIS_URL", None)
    prepare()
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn_embedded", "config.wsgi:application"]
    os.execv(sys.executable, gunicorn)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
