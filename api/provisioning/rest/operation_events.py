"""Server-sent events that tell how an operation comes along.

A stream holds one of the few threads that serve requests (``cli``), so it is short, and there are
fewer streams at a time than threads.
"""

import time
from collections.abc import Callable, Iterator
from threading import BoundedSemaphore

from flask import Response

from provisioning.rest import problems
from provisioning.rest.problems import Problem
from provisioning.services import operations
from provisioning.services.errors import NotFound
from provisioning.services.operations import Progress

MEDIA_TYPE = "text/event-stream"

STREAMS = 1
"""At most so many at a time in a process."""

_STREAM_SECONDS = 20.0
_LOOK_SECONDS = 0.5
_RETRY_MILLISECONDS = 1_000
_RETRY_AFTER_SECONDS = 5

_BEAT_LOOKS = 4
"""After so many looks without a change a comment shows whether somebody still listens."""

DOCUMENT = {
    "parameters": [
        {
            "name": "Last-Event-ID",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "The last event that was heard; a browser sends it by itself.",
        }
    ],
    "responses": {
        "200": {
            "description": "Progress",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
        "204": {"description": "The operation has ended, and that was heard"},
        "503": {
            "description": "Too many streams",
            "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}},
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    },
}

_streams = BoundedSemaphore(STREAMS)


def stream(first: Progress, *, seen: str | None, show: Callable[[Progress], str]) -> Response:
    """Stream the progress of an operation until it ends, for 20 seconds at most.

    Args:
        first: its progress now.
        seen: the id of the event that the client heard last.
        show: how progress is written into one line.

    Raises:
        Problem: there are too many streams.
    """
    if first.ended and seen == _id(first):
        return Response(status=204)
    if not _streams.acquire(blocking=False):
        raise Problem(
            "too-many-streams",
            "Too many streams of events",
            503,
            "Poll the operation, or try again later.",
            headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
        )
    response = Response(_events(first, seen, show), content_type=MEDIA_TYPE)
    response.call_on_close(_streams.release)
    response.headers["Cache-Control"] = "no-store"
    # A proxy in front must not wait for more.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _events(progress: Progress, seen: str | None, show: Callable[[Progress], str]) -> Iterator[str]:
    until = time.monotonic() + _STREAM_SECONDS
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    silent = 0
    while True:
        if seen != _id(progress):
            seen, silent = _id(progress), 0
            yield f"id: {seen}\nevent: progress\ndata: {show(progress)}\n\n"
        elif (silent := silent + 1) % _BEAT_LOOKS == 0:
            yield ": still here\n\n"
        if progress.ended or time.monotonic() > until:
            return
        time.sleep(_LOOK_SECONDS)
        try:
            progress = operations.progress(progress.operation.id)
        except NotFound:  # forgotten meanwhile
            return


def _id(progress: Progress) -> str:
    """What changes with the progress and with nothing else."""
    counts = (progress.waiting, progress.working, progress.done, progress.failed, progress.skipped)
    return "-".join((str(progress.operation.state), *map(str, counts)))
