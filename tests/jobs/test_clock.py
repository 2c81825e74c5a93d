"""What happens at set times."""

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from provisioning.jobs.clock import ClockJob, clock_jobs, housekeeping, start_clock
from provisioning.services import operations, requests
from provisioning.store import device_requests
from provisioning.store.tables import DeviceRequest, OperationItem

DAY = 24 * 3600.0


def soon() -> IntervalTrigger:
    """Not a single time: the scheduler trips over one that passes while it is shut down."""
    begin = datetime.now(UTC) + timedelta(milliseconds=50)
    return IntervalTrigger(hours=1, start_date=begin, timezone="UTC")


def test_a_job_of_the_clock_runs_where_the_worker_leads(store):
    ran = threading.Event()

    stop = start_clock(lambda: True, [ClockJob("test", soon(), ran.set)])

    assert ran.wait(10)
    stop()


def test_a_job_of_the_clock_does_not_run_where_another_leads(store):
    asked, ran = threading.Event(), threading.Event()

    def leads() -> bool:
        asked.set()
        return False

    stop = start_clock(leads, [ClockJob("test", soon(), ran.set)])
    assert asked.wait(10)
    stop()  # waits for what runs

    assert not ran.is_set()


@pytest.mark.parametrize("job", clock_jobs(None), ids=lambda job: job.name)
def test_no_job_runs_twice_when_summer_time_ends(job):
    """Daily in local time, APScheduler runs one twice that night (02:30, both of them)."""
    begin = datetime(2026, 10, 24, tzinfo=UTC)
    times, previous = [], None
    for _ in range(72):
        previous = job.trigger.get_next_fire_time(previous, previous or begin)
        times.append(previous)
        previous += timedelta(microseconds=1)
    gaps = {later - earlier for earlier, later in pairwise(times)}

    assert len(gaps) == 1


def test_housekeeping_forgets_old_requests_of_devices(store):
    now = time.time()
    for age in (requests.KEEP_SECONDS + DAY, requests.KEEP_SECONDS - DAY, 0):
        device_requests.write([request(now - age)])

    housekeeping()

    kept = [row.at for row in DeviceRequest.select().order_by(DeviceRequest.at)]
    assert kept == [now - (requests.KEEP_SECONDS - DAY), now]


def request(at: float) -> dict[str, object]:
    texts = dict.fromkeys(
        ("access", "address", "user_agent", "vendor", "model", "firmware", "method", "file"), ""
    )
    return {**texts, "at": at, "phone": None, "status": 200, "outcome": "served", "reason": None}


def test_housekeeping_forgets_operations_that_ended_long_ago(store, monkeypatch):
    ended = operations.start("kind", ["one"], by="tests")
    operations.cancel(ended, by="tests")
    open_one = operations.start("kind", ["one"], by="tests")

    later = time.time() + operations.KEEP_SECONDS
    monkeypatch.setattr("time.time", lambda: later - DAY)
    housekeeping()
    assert operations.page(kind=None, offset=0, limit=10)[0] == 2

    monkeypatch.setattr("time.time", lambda: later + DAY)
    housekeeping()

    _, kept = operations.page(kind=None, offset=0, limit=10)
    assert [progress.operation.id for progress in kept] == [open_one]
    assert OperationItem.select().count() == 1
