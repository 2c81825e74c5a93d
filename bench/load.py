"""Load on a server: wrk for requests a second, one connection for the time of a request."""

import http.client
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from bench.fleet import Member
from bench.servers import Server

WRK = shutil.which("wrk")

SECONDS = 3
CONNECTIONS = 32
THREADS = 2

_WALK = Path(__file__).with_name("walk.lua")
_rounds = count(1)


def rate(server: Server, path: str, headers: Iterable[str] = ()) -> float:
    """Requests a second for one path."""
    options = [option for header in headers for option in ("-H", header)]
    return _wrk([*options, server.url + path])


def rate_of_walk(server: Server, listing: Path) -> float:
    """Requests a second, each for another phone of a list (:func:`write_listing`).

    Every round has a firmware version of its own in the user agent: nothing that was rendered in an
    earlier one fits, whatever the cache can hold.
    """
    return _wrk(["-s", str(_WALK), server.url, "--", str(listing), str(next(_rounds))])


def write_listing(file: Path, members: Iterable[Member]) -> Path:
    """Write the list of phones that :func:`rate_of_walk` goes through."""
    file.write_text("".join(f"{m.path} {m.mac.colons.lower()}\n" for m in members))
    return file


def _wrk(arguments: Sequence[str]) -> float:
    command = [str(WRK), f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *arguments]
    output = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=SECONDS + 30
    ).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if found is None or "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"{' '.join(command)}:\n{output}")
    return float(found[1])


class Connection:
    """One connection that is kept alive."""

    def __init__(self, server: Server):
        self._http = http.client.HTTPConnection(server.host, server.port, timeout=30)

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[bytes, dict[str, str]]:
        """Send a request; the answer is its body and headers.

        Raises:
            RuntimeError: the status is not 200 or 201.
        """
        self._http.request(method, path, body, headers)
        response = self._http.getresponse()
        answer = response.read()
        if response.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {response.status}\n{answer[:500]!r}")
        return answer, {name.lower(): value for name, value in response.getheaders()}

    def get(self, member: Member) -> bytes:
        """Fetch the configuration of a phone, in its name."""
        agent = f"Yealink SIP-T46S 66.86.0.15 {member.mac.colons.lower()}"
        body, _ = self.request("GET", member.path, **{"User-Agent": agent})
        return body

    def median_ms(self, members: Iterable[Member]) -> float:
        """Fetch phones one after another: the median time of a request in milliseconds."""
        times = []
        for member in members:
            begin = time.perf_counter()
            self.get(member)
            times.append(time.perf_counter() - begin)
        return statistics.median(times) * 1000


def fetch_each_once(server: Server, members: Sequence[Member]) -> None:
    """Fetch every phone once, over as many connections as wrk has: each worker gets its share."""

    def fetch(share: Sequence[Member]) -> None:
        connection = Connection(server)
        for member in share:
            connection.get(member)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(fetch, [members[n::CONNECTIONS] for n in range(CONNECTIONS)]))
