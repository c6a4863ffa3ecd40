"""`make bench`: measure the product against its peers, on a private PostgreSQL that is gone afterwards.

`ARGS="--audits 100000"` makes a smaller council. The table goes to docs/bench.md, between its two marks.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "bench.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def put_into_page(figures: str) -> None:
    """Replace what stands between the marks of docs/bench.md."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}", encoding="utf-8")


def main() -> int:
    from scripts import services

    parser = argparse.ArgumentParser(description="Measure the product on a private PostgreSQL.")
    parser.add_argument("--keep", action="store_true", help="leave docs/bench.md as it is")
    options, args = parser.parse_known_args()
    with services.private_directory() as scratch, services.postgres() as server:
        figures = scratch / "figures.md"
        environ = {**os.environ, "DATABASE_URL": server.url, "DJANGO_SETTINGS_MODULE": "bench.settings"}
        environ.pop("DATABASE_POOL", None)
        machine = f"{os.cpu_count()} processors, {server.label}, Python {platform.python_version()}"
        print(f"{machine}\n", flush=True)
        command = [sys.executable, "-m", "bench.run", "--out", str(figures), "--machine", machine, *args]
        code = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
        if figures.exists() and not options.keep and code == 0:
            put_into_page(figures.read_text(encoding="utf-8"))
            print(f"Written to {PAGE.relative_to(ROOT)}")
    return code


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped; the private server is gone.", file=sys.stderr)
        sys.exit(130)
