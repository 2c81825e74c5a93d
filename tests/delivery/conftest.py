"""A server for devices on a fresh site for every test."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from served import Served


@pytest.fixture
def served(settings, site) -> Iterator[Served]:
    """The fresh site; its templates are compiled once for all tests."""
    served = Served(settings, site)
    yield served
    served.events.flush()  # or its thread would write into the next test's database


@pytest.fixture
def start(settings, site) -> Iterator[Callable[[], Served]]:
    """Start one more process on the same state directory."""
    started = []

    def start_one(**changes: object) -> Served:
        started.append(Served(dataclasses.replace(settings, **changes)))
        return started[-1]

    yield start_one
    for served in started:
        served.events.flush()
