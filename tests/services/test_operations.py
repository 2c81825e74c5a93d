"""Operations and what may be done with them; a worker is played by its queries."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.services import history, operations
from provisioning.services.errors import NotFound, WrongState
from provisioning.store import operations as stored
from provisioning.store.database import transaction

VERBS = (operations.pause, operations.resume, operations.cancel, operations.retry_failed)


def start(*subjects: str, **options: object) -> int:
    return operations.start("kind", subjects, **{"by": "tests", **options})


def begin(number: int, limit: int = 100) -> list[int]:
    """What a worker does with items that are due."""
    claimed = stored.claim(number, f"worker.{time.monotonic_ns()}", limit=limit, now=time.time())
    return [item.id for item in claimed]


def end(number: int, state: str, limit: int = 100) -> None:
    _, working = operations.items(number, state="working", offset=0, limit=limit)
    for item in working:
        if state == "waiting":
            assert stored.postpone_item(item.id, item.claim, 0.0, "It is busy.")
        else:
            assert stored.end_item(item.id, item.claim, state, "For this reason.")
    stored.finish_complete()


def finished(number: int, state: str) -> None:
    begin(number)
    end(number, state)


def state_of(number: int) -> str:
    return operations.progress(number).operation.state


def actions(site, number: int) -> list[tuple[str, str]]:
    _, found = history.page(site, kind="operation", subject=str(number), offset=0, limit=10)
    return [(entry.actor, entry.action) for entry in found]


def test_an_operation_has_an_item_for_each_subject_in_the_order_given(site):
    number = start("b", "a", "b", "c")

    total, items = operations.items(number, state=None, offset=0, limit=10)
    found = operations.progress(number)

    assert [item.subject for item in items] == ["b", "a", "c"]
    assert (total, found.total, found.waiting) == (3, 3, 3)
    assert (found.operation.started_by, found.operation.state) == ("tests", "running")
    assert not found.ended


def test_more_items_than_a_statement_takes_are_written(site):
    number = start(*map(str, range(5_000)))

    assert operations.progress(number).waiting == 5_000


@pytest.mark.parametrize("per_second", [0, -1, float("inf"), float("nan")])
def test_a_pace_at_which_nothing_begins_is_refused(site, per_second):
    with pytest.raises(ValueError, match="is no pace"):
        start("one", per_second=per_second)

    assert operations.page(kind=None, offset=0, limit=10) == (0, [])


def test_an_operation_is_there_when_the_transaction_around_it_is_through(site):
    def fail() -> None:
        with transaction():
            start("one")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert operations.page(kind=None, offset=0, limit=10)[0] == 0


@pytest.mark.parametrize(
    "call",
    [
        operations.progress,
        lambda number: operations.items(number, state=None, offset=0, limit=1),
        *(
            lambda number, verb=verb: verb(number, by="tests")
            for verb in (*VERBS, operations.clone)
        ),
    ],
)
def test_what_is_not_there_is_told(site, call):
    with pytest.raises(NotFound, match="There is no operation '4711'"):
        call(4711)


def test_operations_are_listed_newest_first_and_by_kind(site):
    first = start("one")
    other = operations.start("other", ["one"], by="tests")
    last = start("one")

    def listed(kind, offset=0, limit=10):
        total, found = operations.page(kind=kind, offset=offset, limit=limit)
        return total, [progress.operation.id for progress in found]

    assert listed(None) == (3, [last, other, first])
    assert listed("kind") == (2, [last, first])
    assert listed(None, offset=1, limit=1) == (3, [other])


def test_a_paused_operation_lets_nobody_begin_an_item(site):
    number = start("one", "two")
    operations.pause(number, by="ada")

    assert begin(number) == []
    assert operations.resume(number, by="bob").operation.state == "running"
    assert len(begin(number)) == 2
    assert actions(site, number) == [("bob", "resume"), ("ada", "pause")]


def test_what_is_so_already_stays_so_and_is_not_recorded(site):
    number = start("one")

    operations.resume(number, by="tests")
    assert actions(site, number) == []
    operations.cancel(number, by="tests")
    operations.cancel(number, by="tests")

    assert actions(site, number) == [("tests", "cancel")]


def test_cancelling_skips_what_nobody_works_on(site):
    number = start("one", "two", "three")
    begin(number, limit=1)

    found = operations.cancel(number, by="tests")

    assert (found.working, found.skipped) == (1, 2)
    assert not found.ended
    end(number, "done")
    found = operations.progress(number)
    assert found.ended
    assert (found.done, found.skipped, found.operation.state) == (1, 2, "cancelled")
    _, [skipped, _] = operations.items(number, state="skipped", offset=0, limit=10)
    assert skipped.reason == "The operation was cancelled."


def test_a_cancelled_operation_leaves_nothing_waiting(site):
    number = start("one")
    begin(number)
    operations.cancel(number, by="tests")

    end(number, "waiting")

    assert operations.progress(number).skipped == 1


@pytest.mark.parametrize(
    ("verb", "deed"),
    [
        (operations.pause, "paused"),
        (operations.resume, "resumed"),
        (operations.cancel, "cancelled"),
    ],
)
def test_an_operation_that_is_done_cannot_be_turned(site, verb, deed):
    number = start("one")
    finished(number, "done")

    with pytest.raises(WrongState, match=f"'{number}' is done: it cannot be {deed}."):
        verb(number, by="tests")

    assert actions(site, number) == []


def test_retrying_gives_failed_items_all_their_attempts_again(site):
    number = start("one", "two", "three")
    begin(number, limit=1)
    end(number, "done")
    finished(number, "failed")
    assert state_of(number) == "done"

    found = operations.retry_failed(number, by="ada")

    assert (found.done, found.waiting, found.operation.state) == (1, 2, "running")
    assert not found.ended
    assert found.operation.finished_at is None
    _, waiting = operations.items(number, state="waiting", offset=0, limit=10)
    assert {(item.attempts, item.reason) for item in waiting} == {(0, None)}
    assert actions(site, number) == [("ada", "retry")]


def test_retrying_without_anything_failed_changes_nothing(site):
    number = start("one")
    finished(number, "done")

    assert operations.retry_failed(number, by="tests").ended
    assert state_of(number) == "done"
    assert actions(site, number) == []


def test_retrying_a_paused_operation_leaves_it_paused(site):
    number = start("one", "two")
    begin(number, limit=1)
    end(number, "failed")
    operations.pause(number, by="tests")

    assert operations.retry_failed(number, by="tests").waiting == 2
    assert state_of(number) == "paused"


def test_a_clone_does_the_same_again_for_the_same_devices(site):
    number = start("b", "a", parameters={"why": "test"}, per_second=3)
    finished(number, "failed")

    cloned = operations.clone(number, by="ada")

    found = operations.progress(cloned)
    assert cloned != number
    assert (found.waiting, found.total) == (2, 2)
    assert found.operation.kind == "kind"
    assert found.operation.parameters == {"why": "test"}
    assert found.operation.per_second == 3
    assert found.operation.started_by == "ada"
    assert stored.subjects(cloned) == ["b", "a"]
    assert operations.progress(number).failed == 2


def test_only_what_ended_long_ago_is_forgotten(site, monkeypatch):
    old, running = start("one"), start("one")
    finished(old, "done")

    assert operations.forget_old() == 0
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + operations.KEEP_SECONDS + 10)

    assert operations.forget_old() == 1
    assert operations.progress(running).waiting == 1
    with pytest.raises(NotFound):
        operations.progress(old)


def test_an_item_can_only_be_ended_under_its_last_claim(site):
    number = start("one")
    [item] = stored.claim(number, "first.0", limit=1, now=time.time())
    assert stored.postpone_item(item.id, "first.0", 0.0, None)
    stored.claim(number, "second.0", limit=1, now=time.time())

    assert not stored.is_claimed(item.id, "first.0")
    assert not stored.end_item(item.id, "first.0", "done", None)
    assert not stored.postpone_item(item.id, "first.0", 0.0, None)

    assert stored.end_item(item.id, "second.0", "done", None)
    assert not stored.end_item(item.id, "second.0", "failed", "Twice.")


STEPS = st.one_of(
    st.sampled_from(VERBS),
    st.tuples(st.just(begin), st.integers(1, 5)),
    st.tuples(st.just(end), st.sampled_from(["done", "failed", "skipped", "waiting"])),
)


@given(st.integers(0, 8), st.lists(STEPS, max_size=25))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_counts_always_sum_to_all_items(site, items, steps):
    number = start(*map(str, range(items)))
    for step in steps:
        if isinstance(step, tuple):
            step[0](number, step[1])
        else:
            try:
                step(number, by="tests")
            except WrongState:
                assert state_of(number) in ("done", "cancelled")
        found = operations.progress(number)
        assert found.total == items
        if found.operation.state in ("done", "cancelled"):
            assert found.waiting == 0
            assert found.operation.finished_at is not None
        else:
            assert found.operation.finished_at is None
        if found.operation.state == "done":
            assert found.working == 0


def test_what_waits_for_another_attempt_begins_at_once_when_there_is_more_to_do(site):
    """A revoked secret stood in the PBX's file until the next attempt, up to four hours later."""
    operations.start_unless_waiting("kind", "all", by="tests")
    _, [progress] = operations.page(kind=None, offset=0, limit=10)
    number = progress.operation.id
    begin(number)
    _, [item] = operations.items(number, state="working", offset=0, limit=1)
    stored.postpone_item(item.id, item.claim, time.time() + 14_400, "The Manager is down.")
    assert begin(number) == []

    operations.start_unless_waiting("kind", "all", by="tests")

    assert operations.page(kind=None, offset=0, limit=10)[0] == 1
    assert begin(number) == [item.id]
    _, [again] = operations.items(number, state="working", offset=0, limit=1)
    assert again.attempts == 1, "it has all its attempts"


def test_what_is_being_done_already_is_done_once_more_for_a_later_change(site):
    operations.start_unless_waiting("kind", "all", by="tests")
    _, [progress] = operations.page(kind=None, offset=0, limit=10)
    begin(progress.operation.id)

    operations.start_unless_waiting("kind", "all", by="tests")
    operations.start_unless_waiting("kind", "all", by="tests")

    assert operations.page(kind=None, offset=0, limit=10)[0] == 2
