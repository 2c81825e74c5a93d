"""Fifty gateways at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from uploading import HT801, HURRIED, TRINITY, configuration, ht801, target, trinity

import memory
from gateway_entries import LIBRARY, RENDERER
from peers.gateways import clients_left, loopback, running
from provisioning.connect.gateways.tftp import TftpServer
from provisioning.connect.gateways.upload import upload
from provisioning.engine.gateways.commands import Load

GATEWAYS = 50
MAX_SECONDS = 60
MAX_GROWTH_KILOBYTES = 60_000


def test_fifty_gateways_are_uploaded_at_once_in_bounded_memory():
    """Four in five are Pattons, which copy a file; the others are typed some ninety parameters."""
    progress: dict[int, str] = {}
    # The first ones may be done before the last ones begin: all wait until all are at work.
    all_at_work = threading.Barrier(GATEWAYS)
    lock = threading.Lock()

    def one(number, unit, server):
        def told(line):
            with lock:
                begins = number not in progress
                progress[number] = line.phase
            if begins:
                all_at_work.wait(30)

        model = TRINITY if unit.program == "trinity" else HT801
        gateway = configuration(model, address=f"192.168.{number}.41", router=f"192.168.{number}.1")
        after = target(unit, f"192.168.{number}.41", gateway.admin.password)
        options = {"library": LIBRARY, "patience": HURRIED, "progress": told}
        if model == HT801:
            parameters = RENDERER.parameters(gateway)
            result = upload(Load(gateway, parameters=parameters), target(unit), after, **options)
        else:
            script = RENDERER.render(gateway, "script").decode()
            with server.offer(script.encode(), loopback(unit.address)) as offer:
                load = Load(gateway, script=script, url=offer.url)
                options["delivered"] = offer.taken
                result = upload(load, target(unit), after, **options)
        return result

    with ExitStack() as stack:
        server = stack.enter_context(TftpServer("127.0.0.1", 0))
        units = [
            stack.enter_context(
                running((ht801 if n % 5 == 4 else trinity)(address=f"192.168.{n}.40"))
            )
            for n in range(1, GATEWAYS + 1)
        ]
        before = memory.begin()
        began = time.monotonic()
        with ThreadPoolExecutor(GATEWAYS) as pool:
            results = list(pool.map(one, range(1, GATEWAYS + 1), units, [server] * GATEWAYS))
        seconds = time.monotonic() - began
        growth = memory.peak() - before

    assert [(r.outcome, r.device) for r in results] == [("done", "changed")] * GATEWAYS
    assert set(progress.values()) == {"confirm"}
    assert growth < MAX_GROWTH_KILOBYTES
    assert seconds < MAX_SECONDS
    assert clients_left() == []
