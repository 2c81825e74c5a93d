"""Jobs of the clock: what happens at set times without anybody asking.

Times are UTC. In local time the day on which summer time ends has an hour twice, and APScheduler
runs a daily job in it twice.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import (  # type: ignore[import-untyped]
    BackgroundScheduler,
)
from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from provisioning.connect.ami import AmiProblem
from provisioning.services import (
    operations,
    pbx_states,
    registrations,
    reprovisioning,
    requests,
)
from provisioning.services.site import Site
from provisioning.store.database import database

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClockJob:
    """Something to do at set times, by the worker that leads."""

    name: str
    trigger: BaseTrigger
    work: Callable[[], object]
    """Twice must be as good as once: another worker may have taken over a moment ago."""


def housekeeping() -> None:
    """Forget what was kept for long enough."""
    operations.forget_old()
    requests.forget_old()


class PbxLook:
    """A look at the PBX, whose silence is logged once, until it has answered again.

    Args:
        look: does it.
        unknown: what nobody knows meanwhile.
    """

    def __init__(self, look: Callable[[], object], unknown: str):
        self._look = look
        self._unknown = unknown
        self._silent = False

    def __call__(self) -> None:
        """Look."""
        try:
            self._look()
        except AmiProblem as problem:
            if not self._silent:
                _log.warning("%s is not known: %s", self._unknown, problem)
            self._silent = True
        else:
            self._silent = False


look_at_registrations = PbxLook(registrations.refresh, "who is registered")
look_at_states = PbxLook(pbx_states.refresh, "what users have switched on")


def clock_jobs(site: Site) -> tuple[ClockJob, ...]:
    """All jobs there are."""
    return (
        ClockJob("housekeeping", CronTrigger(minute=17, timezone="UTC"), housekeeping),
        ClockJob(
            "after changes",
            IntervalTrigger(seconds=2, timezone="UTC"),
            lambda: reprovisioning.after_changes(site),
        ),
        ClockJob(
            "registrations", IntervalTrigger(seconds=30, timezone="UTC"), look_at_registrations
        ),
        ClockJob("user states", IntervalTrigger(seconds=20, timezone="UTC"), look_at_states),
    )


def start_clock(leads: Callable[[], bool], jobs: Sequence[ClockJob]) -> Callable[[], None]:
    """Run the jobs of the clock in threads of their own.

    Args:
        leads: whether this is the worker that works; the others let each time pass.
        jobs: what to do.

    Returns:
        A function that ends it; a job that is running ends first.
    """
    clock = BackgroundScheduler(
        timezone="UTC",
        # Two may wait for a PBX that does not answer; the others go on.
        executors={"default": ThreadPoolExecutor(4)},
        # A time that was missed, by a busy or sleeping machine, is made up for: once.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        clock.add_job(_alone(job, leads), job.trigger, id=job.name, name=job.name)
    clock.start()
    return clock.shutdown  # type: ignore[no-any-return]


def _alone(job: ClockJob, leads: Callable[[], bool]) -> Callable[[], None]:
    def work() -> None:
        if leads():
            try:
                job.work()
            finally:
                database.close()

    return work
