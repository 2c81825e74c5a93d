"""A site of 100,000 phones beside one of 1,000: nothing may grow with the number of phones."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from bench import fleet, load, servers
from bench.figures import Figure, alternating, ratio
from bench.servers import Server

SMALL, LARGE = 1_000, 100_000

_CREATED = 100
# Behind all phones the sites are filled with.
_new_numbers = count(1_000_000)


def figures(folder: Path) -> Iterator[Figure]:
    """Measure; the phones are made first, the same 1,000 fully configured ones in both sites."""
    small = fleet.fill(folder / "small", members=SMALL)
    large = fleet.fill(folder / "large", members=SMALL, phones=LARGE)
    few = load.write_listing(folder / "few", small)
    many = load.write_listing(folder / "many", large)
    with (
        servers.provisioning(folder / "small") as one,
        servers.provisioning(folder / "large") as other,
    ):
        a, b = alternating(
            lambda: load.rate(one, small[0].path), lambda: load.rate(other, large[0].path)
        )
        yield _slower("warm delivery", a, b)
        a, b = alternating(
            lambda: load.rate_of_walk(one, few), lambda: load.rate_of_walk(other, many)
        )
        yield _slower("different phones", a, b)
        for name, full in (("with a few keys", False), ("with all keys", True)):
            a, b = alternating(_creations(one, full=full), _creations(other, full=full))
            for phones, times in ((SMALL, a), (LARGE, b)):
                title = f"creating a phone {name} among {phones:,}"
                yield Figure(title, statistics.median(times), "ms", at_most=5)


def _slower(name: str, small: list[float], large: list[float]) -> Figure:
    percent = (ratio(small, large) - 1) * 100
    return Figure(f"{name}, {LARGE:,} phones: slower by", percent, "%", at_most=10)


def _creations(server: Server, *, full: bool) -> Callable[[], float]:
    """Registers phones through Tancredi's API; the median time of one in milliseconds."""

    def measure() -> float:
        connection = load.Connection(server)
        times = []
        for _ in range(_CREATED):
            body = json.dumps(fleet.document(next(_new_numbers), full=full)).encode()
            begin = time.perf_counter()
            connection.request(
                "POST", "/tancredi/api/v1/phones", body, **{"Content-Type": "application/json"}
            )
            times.append(time.perf_counter() - begin)
        return statistics.median(times) * 1000

    return measure
