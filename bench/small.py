"""The small council, asked turn by turn with the large one: reads an address a line, answers with the milliseconds."""

from __future__ import annotations

import sys
import time


def main() -> None:
    import django

    django.setup()
    from django.test import Client

    from bench.world import persona

    client = Client()
    client.force_login(persona("qa.lead"))
    print("ready", flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        answer = client.get(line.strip())
        took = (time.perf_counter() - started) * 1000
        print(took if answer.status_code == 200 else "wrong", flush=True)


if __name__ == "__main__":
    main()
