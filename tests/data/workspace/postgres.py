"""A PostgreSQL server of the tests' own: Debian's programs, a private port and folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pg8000.dbapi

USER, PASSWORD, DATABASE = "candor", "p@ss/w:rd", "workspace"
"""The password needs quoting in an address, on purpose."""
HOSTILE = (
    "default_transaction_isolation TO 'serializable'",
    "synchronous_commit TO off",
    "timezone TO 'Asia/Kathmandu'",
)
"""Defaults a database may have that must not change what the workspace does."""


def server_programs() -> Path | None:
    """Return the folder of `initdb` and `postgres`, or None when the server is not installed."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]), reverse=True)
    on_path = shutil.which("initdb")
    found = [*newest, *([Path(on_path)] if on_path else [])]
    return found[0].parent if found else None


def server_user() -> str | None:
    """Return whom to run the server as: it refuses root. None: as whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


class PostgresServer:
    """One server, to be started, ended and started again on the same data."""

    def __init__(self, programs: Path) -> None:
        self.programs, self.user = programs, server_user()
        self.folder = Path(tempfile.mkdtemp(prefix="candor-postgres-"))
        secret = self.folder / "password"
        secret.write_text(PASSWORD, "utf-8")
        if self.user:
            for path in (self.folder, secret):
                shutil.chown(path, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        options = ["-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "-E", "UTF8"]
        self._run("initdb", "-D", str(self.folder / "data"), *options, "--locale=C.UTF-8")
        self.start()
        connection = self.connect("postgres")
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        for setting in HOSTILE:
            cursor.execute(f"ALTER DATABASE {DATABASE} SET {setting}")
        connection.close()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        command += ["-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, user=self.user, cwd="/", stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect("postgres").close()
                return
            except (pg8000.dbapi.Error, OSError):
                gone = self.process.poll() is not None or time.monotonic() > deadline
                assert not gone, (self.folder / "log").read_text("utf-8")
                time.sleep(0.1)

    def crash(self) -> None:
        """End the server at once, without a checkpoint; its next start recovers from its log."""
        self._run("pg_ctl", "stop", "-D", str(self.folder / "data"), "-m", "immediate")
        self.process.wait(30)

    def connect(self, database: str) -> pg8000.dbapi.Connection:
        """Return a connection of the driver itself."""
        where = {"host": "127.0.0.1", "port": self.port, "database": database}
        connection = pg8000.dbapi.connect(USER, password=PASSWORD, **where)
        connection.autocommit = True
        return connection

    def empty_database(self) -> str:
        """Empty the one database of the tests and return its address."""
        connection = self.connect(DATABASE)
        cursor = connection.cursor()
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
        connection.close()
        return self.address

    @property
    def address(self) -> str:
        """Return where the database of the tests is."""
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{DATABASE}"

    @contextmanager
    def encrypting(self) -> Iterator[Path]:
        """Switch encryption on; yields the certificate, which is its own authority."""
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        if not key.exists():
            command = [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ]
            files = ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=DNS:localhost"]
            subprocess.run([*command, *files], user=self.user, cwd="/", capture_output=True, check=True)
        self._set("ssl_cert_file", str(certificate))
        self._set("ssl_key_file", str(key))
        self._set("ssl", "on")
        try:
            yield certificate
        finally:
            self._set("ssl", "off")

    def _set(self, name: str, value: str) -> None:
        """Change a setting of the running server and wait until new connections have it."""
        connection = self.connect("postgres")
        cursor = connection.cursor()
        cursor.execute(f"ALTER SYSTEM SET {name} TO '{value}'")
        cursor.execute("SELECT pg_reload_conf()")
        connection.close()
        deadline = time.monotonic() + 30
        while not self._has(name, value):
            assert time.monotonic() < deadline, f"the server did not take {name}"
            time.sleep(0.05)

    def _has(self, name: str, value: str) -> bool:
        connection = self.connect("postgres")
        cursor = connection.cursor()
        cursor.execute(f"SHOW {name}")
        found = cursor.fetchone()
        connection.close()
        return bool(found and found[0] == value)

    def remove(self) -> None:
        """End the server and remove its folder."""
        if self.process.poll() is None:
            self.crash()
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        ran = subprocess.run(command, user=self.user, cwd="/", capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
