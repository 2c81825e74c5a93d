"""One site of 10,000 fully configured phones: deliveries, beside nginx, and memory."""

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import fleet, load, servers
from bench.figures import RUNS, Figure, alternating, median_of_runs, ratio
from bench.fleet import Member
from bench.servers import Server

PHONES = 10_000

_LATENCY_PHONES = 200


def figures(folder: Path) -> Iterator[Figure]:
    """Measure; the phones are made first."""
    state = folder / "state"
    members = fleet.fill(state, members=PHONES)
    with servers.provisioning(state) as ours:
        body = load.Connection(ours).get(members[0])
        with servers.nginx(folder / "nginx", body) as nginx:
            yield Figure("size of the configuration", len(body) / 1000, "kB")
            yield from _beside_nginx(ours, nginx, members[0])
        yield from _first_renderings(ours, members, folder)
    with servers.provisioning(state) as ours:
        yield _memory(ours, members)


def _beside_nginx(ours: Server, nginx: Server, member: Member) -> Iterator[Figure]:
    file = "/phone.cfg"
    a, b = alternating(lambda: load.rate(ours, member.path), lambda: load.rate(nginx, file))
    yield Figure("warm delivery", statistics.median(a), "/s")
    yield Figure("nginx, the same bytes as a file", statistics.median(b), "/s")
    yield Figure("warm delivery / nginx", ratio(a, b), "", at_least=0.5)
    a, b = alternating(
        lambda: load.rate(ours, member.path, [_etag(ours, member.path)]),
        lambda: load.rate(nginx, file, [_etag(nginx, file)]),
    )
    yield Figure("unchanged (304)", statistics.median(a), "/s")
    yield Figure("unchanged (304) / nginx", ratio(a, b), "")


def _etag(server: Server, path: str) -> str:
    """The header of a client that has the file already."""
    _, headers = load.Connection(server).request("GET", path)
    return f"If-None-Match: {headers['etag']}"


def _first_renderings(ours: Server, members: Sequence[Member], folder: Path) -> Iterator[Figure]:
    connection = load.Connection(ours)
    connection.get(members[0])
    warm = connection.median_ms([members[0]] * _LATENCY_PHONES)
    runs = [
        connection.median_ms(members[n * _LATENCY_PHONES + 1 : (n + 1) * _LATENCY_PHONES])
        for n in range(1, RUNS + 1)
    ]
    first = statistics.median(runs)
    yield Figure("a request from a client's side, warm", warm, "ms")
    yield Figure("a request from a client's side, first rendering", first, "ms")
    yield Figure("first rendering of a phone", first - warm, "ms", at_most=3)
    listing = load.write_listing(folder / "phones", members[:5000])
    cold = median_of_runs(lambda: load.rate_of_walk(ours, listing))
    yield Figure("different phones, nothing rendered before", cold, "/s", at_least=600)


def _memory(ours: Server, members: Sequence[Member]) -> Figure:
    """Resident memory of the larger worker when each phone has been served."""
    load.fetch_each_once(ours, members)
    resident = max(_resident_mb(pid) for pid in ours.workers())
    return Figure(f"memory of a worker, {PHONES:,} phones served", resident, "MB", at_most=150)


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kib = next(line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kib) * 1024 / 1_000_000
