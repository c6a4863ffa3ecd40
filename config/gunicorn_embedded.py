"""gunicorn for `make run`: exactly one worker process, which also holds Celery (config/embedded.py)."""

from __future__ import annotations

import os
from typing import Any

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = 1
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = 8
control_socket_disable = True
# No access log: addresses of pages are nobody's business but the history's.
accesslog = None
loglevel = "warning"

_celery: list[Any] = []


def when_ready(server: Any) -> None:
    """The port is open: say where."""
    print(f"\nOpen http://{bind}/ in a browser. Stop with Ctrl-C.\n", flush=True)


def post_worker_init(worker: Any) -> None:
    """The application is loaded in the one worker: start Celery beside it."""
    from config.embedded import EmbeddedCelery

    celery = EmbeddedCelery()
    celery.start()
    _celery.append(celery)


def worker_exit(server: Any, worker: Any) -> None:
    """The worker has served its last request: stop Celery too."""
    for celery in _celery:
        celery.stop()
