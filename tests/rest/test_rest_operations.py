"""Operations over HTTP: to look at, to turn, to hear of."""

import json
import time
from threading import BoundedSemaphore

import pytest

from provisioning.rest import operation_events
from provisioning.services import operations
from provisioning.store import operations as stored

PATH = "/api/v1/operations"


@pytest.fixture
def number(app) -> int:
    return operations.start(
        "kind", ["one", "two", "three"], parameters={"why": "test"}, per_second=5, by="ada"
    )


@pytest.fixture(autouse=True)
def streams(monkeypatch):
    """Without pauses, and none left open by another test."""
    monkeypatch.setattr(operation_events, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(operation_events, "_streams", BoundedSemaphore(operation_events.STREAMS))


def play_worker(number: int, outcome: str, limit: int = 100) -> None:
    """Begin items and end them."""
    now = time.time()
    for item in stored.claim(number, f"worker.{time.monotonic_ns()}", limit=limit, now=now):
        stored.end_item(item.id, item.claim, outcome, "For this reason.")
    stored.finish_complete()


def events(answer) -> list[dict[str, str]]:
    """The events of a stream; comments and ``retry`` are left out."""
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    text = answer.text
    answer.close()  # as a server does
    blocks = [
        dict(line.split(": ", 1) for line in block.split("\n"))
        for block in text.strip().split("\n\n")
        if not block.startswith(":")
    ]
    assert blocks[0] == {"retry": "1000"}
    return blocks[1:]


def test_an_operation_tells_how_far_it_is(api, number):
    play_worker(number, "done", limit=1)

    answer = api.get(f"{PATH}/{number}")

    assert answer.status_code == 200
    shown = answer.json
    assert shown.pop("created_at").endswith("+00:00")
    assert shown == {
        "id": number,
        "kind": "kind",
        "parameters": {"why": "test"},
        "state": "running",
        "started_by": "ada",
        "finished_at": None,
        "per_second": 5.0,
        "total": 3,
        "items": {"waiting": 2, "working": 0, "done": 1, "failed": 0, "skipped": 0},
    }


def test_operations_are_listed_newest_first(api, number):
    other = operations.start("other", ["one"], by="ada")

    listed = api.get(PATH).json
    assert [operation["id"] for operation in listed["items"]] == [other, number]
    assert listed["total"] == 2
    assert [o["id"] for o in api.get(f"{PATH}?kind=kind").json["items"]] == [number]
    assert [o["id"] for o in api.get(f"{PATH}?page=2&page_size=1").json["items"]] == [number]


def test_the_items_of_an_operation_tell_what_became_of_them(api, number):
    play_worker(number, "failed", limit=1)

    listed = api.get(f"{PATH}/{number}/items").json
    assert (listed["total"], [i["subject"] for i in listed["items"]]) == (
        3,
        ["one", "two", "three"],
    )
    [failed] = api.get(f"{PATH}/{number}/items?state=failed").json["items"]
    assert failed.pop("finished_at").endswith("+00:00")
    assert failed == {
        "subject": "one",
        "state": "failed",
        "attempts": 1,
        "reason": "For this reason.",
        "next_at": None,
    }


def test_an_item_that_waits_tells_until_when(api):
    number = operations.start("kind", ["one"], not_before=2e9, by="ada")

    [item] = api.get(f"{PATH}/{number}/items").json["items"]

    assert item["next_at"] == "2033-05-18T03:33:20+00:00"


def test_a_state_that_is_none_is_refused(api, number):
    answer = api.get(f"{PATH}/{number}/items?state=nonsense")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == "state"


def test_an_operation_is_paused_resumed_and_cancelled(api, number):
    for verb, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        for _ in range(2):  # twice is as good as once
            answer = api.post(f"{PATH}/{number}/{verb}")
            assert (answer.status_code, answer.json["state"]) == (200, state)

    assert answer.json["items"]["skipped"] == 3
    assert answer.json["finished_at"]
    recorded = api.get(f"/api/v1/history?kind=operation&subject={number}").json["items"]
    assert [entry["action"] for entry in recorded] == ["cancel", "resume", "pause"]


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_what_cannot_be_done_with_an_operation_is_told(api, number, verb):
    play_worker(number, "done")

    answer = api.post(f"{PATH}/{number}/{verb}")

    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/wrong-state"
    assert answer.json["detail"].startswith(f"The operation '{number}' is done: it cannot be ")


def test_failed_items_are_retried(api, number):
    play_worker(number, "done", limit=1)
    play_worker(number, "failed")

    answer = api.post(f"{PATH}/{number}/retry")

    assert answer.status_code == 200
    assert answer.json["state"] == "running"
    assert answer.json["items"]["waiting"] == 2


def test_a_clone_is_a_new_operation_of_who_asked_for_it(api, number):
    answer = api.post(f"{PATH}/{number}/clone")

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{PATH}/{answer.json['id']}"
    assert answer.json["id"] != number
    assert "tests" in answer.json["started_by"]
    assert api.get(answer.headers["Location"]).json["items"]["waiting"] == 3


@pytest.mark.parametrize("number", ["0", "-1", "4711", "9" * 18, "9" * 30, "x", "1.5"])
@pytest.mark.parametrize("below", ["", "/items", "/events"])
def test_an_operation_that_is_not_there_is_not_found(api, number, below):
    answer = api.get(f"{PATH}/{number}{below}")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel", "retry", "clone"])
def test_nothing_can_be_done_with_an_operation_that_is_not_there(api, verb):
    assert api.post(f"{PATH}/4711/{verb}").status_code == 404


def test_a_stream_tells_each_change_once_and_ends_with_the_operation(api, number, monkeypatch):
    progress = operations.progress

    looks = iter([None, "done", None, "failed", None, None, "done"])

    def look(asked: int):
        """Between two looks of the stream the worker may have ended an item."""
        outcome = next(looks)
        if outcome:
            play_worker(asked, outcome, limit=1)
        return progress(asked)

    monkeypatch.setattr(operations, "progress", look)
    answer = api.get(f"{PATH}/{number}/events")

    heard = events(answer)
    counted = [json.loads(event["data"])["items"] for event in heard]
    assert [(c["waiting"], c["done"], c["failed"]) for c in counted] == [
        (3, 0, 0),
        (2, 1, 0),
        (1, 1, 1),
        (0, 2, 1),
    ]
    assert {event["event"] for event in heard} == {"progress"}
    monkeypatch.undo()
    assert json.loads(heard[-1]["data"]) == api.get(f"{PATH}/{number}").json
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stream_goes_on_after_what_was_heard(api, number):
    play_worker(number, "done", limit=1)
    operations.cancel(number, by="tests")
    [event] = events(api.get(f"{PATH}/{number}/events"))

    again = api.get(f"{PATH}/{number}/events", headers={"Last-Event-ID": event["id"]})
    older = api.get(f"{PATH}/{number}/events", headers={"Last-Event-ID": "running-3-0-0-0-0"})

    assert again.status_code == 204  # a browser stops asking
    assert len(events(older)) == 1


def test_a_stream_lasts_a_while_and_shows_that_it_lives(api, number, monkeypatch):
    moments = iter(range(1_000))
    monkeypatch.setattr(operation_events.time, "monotonic", lambda: next(moments))

    answer = api.get(f"{PATH}/{number}/events")

    assert len(events(answer)) == 1
    assert answer.text.count(": still here\n\n") == 5


def test_one_stream_too_many_is_refused_until_another_ends(api, number):
    opened = [api.get(f"{PATH}/{number}/events") for _ in range(operation_events.STREAMS)]

    refused = api.get(f"{PATH}/{number}/events")
    assert refused.status_code == 503
    assert refused.content_type == "application/problem+json"
    assert refused.headers["Retry-After"] == "5"

    for answer in opened:
        answer.close()  # also one of which nobody heard anything
    operations.cancel(number, by="tests")
    for _ in range(operation_events.STREAMS + 1):
        assert events(api.get(f"{PATH}/{number}/events"))
        head = api.head(f"{PATH}/{number}/events")
        assert head.status_code == 200
        head.close()


def test_a_stream_of_an_operation_that_is_forgotten_ends(api, number, monkeypatch):
    answer = api.get(f"{PATH}/{number}/events")
    operations.cancel(number, by="tests")
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + operations.KEEP_SECONDS + 10)
    operations.forget_old()

    assert len(events(answer)) == 1


def test_nobody_hears_of_operations_without_a_token(anonymous, number):
    for below in ("", f"/{number}", f"/{number}/items", f"/{number}/events"):
        assert anonymous.get(f"{PATH}{below}").status_code == 401
    for verb in ("pause", "resume", "cancel", "retry", "clone"):
        assert anonymous.post(f"{PATH}/{number}/{verb}").status_code == 401
