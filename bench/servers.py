"""The servers that are compared: ours, as installed, and nginx with a file."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import fleet

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

_START_SECONDS = 30
_STOP_SECONDS = 15

_NGINX_CONF = """
{user}
daemon off;
worker_processes 2;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{}}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen {address}; root {folder}/files; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    host: str
    port: int
    pid: int

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://{self.host}:{self.port}"

    def workers(self) -> list[int]:
        """The processes that answer requests: children that multiprocessing started as such."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [
            int(child)
            for child in children
            if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()
        ]


@contextmanager
def provisioning(state: Path) -> Iterator[Server]:
    """``provisioning web`` with two workers on a filled state directory."""
    address = _free_address()
    settings = fleet.environment(state, f"{address[0]}:{address[1]}")
    command = [str(Path(sys.executable).with_name("provisioning")), "web"]
    with _running(command, address, state / "server.log", settings) as server:
        yield server


@contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[Server]:
    """Nginx with two workers; it has the file ``/phone.cfg``."""
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "phone.cfg").write_bytes(body)
    address = _free_address()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _NGINX_CONF.format(
            # As root it would give its workers an account that may not read a private folder.
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            address=f"{address[0]}:{address[1]}",
        )
    )
    command = [str(NGINX), "-c", str(configuration), "-e", str(folder / "error.log")]
    with _running(command, address, folder / "nginx.log", {}) as server:
        yield server


@contextmanager
def _running(
    command: list[str], address: tuple[str, int], log: Path, settings: Mapping[str, str]
) -> Iterator[Server]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, address, log)
        yield Server(*address, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: tuple[str, int], log: Path) -> None:
    """Wait until the server accepts connections."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _free_address() -> tuple[str, int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()
        return host, port
