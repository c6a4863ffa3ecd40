"""A process that asks for work as a web process does, and says of each request how long it took.

Reads one JSON object from its first line of input: `{"jobs": [{"name": ...}, ...], "pause": seconds}` to
enqueue, or `{"audits": [id, ...], "by": id}` to submit real audits. Answers "ready", then a line of JSON for each
request that was acknowledged, then "over"; it lives on until its input is closed, as a web process would.
"""

from __future__ import annotations

import json
import sys
import time

import django


def main() -> None:
    django.setup()
    from django.db import connection

    from accounts.models import User
    from audits.models import Audit
    from audits.services.submitting import submit_audit
    from core.jobs.services import enqueue

    connection.ensure_connection()
    say("ready")
    order = json.loads(sys.stdin.readline())
    for payload in order.get("jobs", []):
        started = time.perf_counter()
        enqueue("fault_effect", **payload)
        say(json.dumps({"name": payload["name"], "seconds": time.perf_counter() - started}))
        time.sleep(order.get("pause", 0))
    for audit_id in order.get("audits", []):
        audit, by = Audit.objects.get(pk=audit_id), User.objects.get(pk=order["by"])
        started = time.perf_counter()
        submit_audit(audit=audit, by=by, version=audit.version)
        say(json.dumps({"name": audit_id, "seconds": time.perf_counter() - started}))
    say("over")
    sys.stdin.read()


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
