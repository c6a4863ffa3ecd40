"""`make lock`: write every requirements file with exact versions and hashes, and nothing of this machine in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The service's lock comes first: the developers' lock is bound to its versions.
LOCKS = {
    "requirements.txt": ["requirements.in"],
    "requirements-dev.txt": ["requirements-dev.in", "-c", "requirements.txt"],
    "requirements-postgres.txt": ["requirements-postgres.in", "--no-deps"],
}
MACHINE = re.compile(r"https?://|file:|--(extra-)?index-url|--find-links|(^|\s)/\w+/", re.MULTILINE)


def main() -> int:
    uv = Path(sys.executable).parent / "uv"
    for target, sources in LOCKS.items():
        command = [str(uv), "pip", "compile", "--quiet", "--generate-hashes", "--no-emit-index-url"]
        command += ["--no-emit-find-links", "--no-annotate", "--only-binary", ":all:", "--python-version", "3.11"]
        command += ["--custom-compile-command", "make lock", *sys.argv[1:], *sources, "-o", target]
        subprocess.run(command, cwd=ROOT, check=True)
        if found := MACHINE.search((ROOT / target).read_text()):
            print(f"{target} names a place on this machine or network: {found.group().strip()}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
