"""What was found out about kinds of things is found out once."""

from provisioning.services import kind_memory
from provisioning.services.kind_memory import KindMemory


def test_each_kind_is_looked_at_once():
    looked, memory = [], KindMemory[str]()

    def look(kind):
        return memory.get(kind, lambda: looked.append(kind) or f"found of {kind}")

    assert [look(kind) for kind in (1, "1", 1, "1")] == [
        "found of 1",
        "found of 1",
        "found of 1",
        "found of 1",
    ]
    assert looked == [1, "1"]


def test_of_several_things_only_the_new_kinds_are_looked_at():
    memory = KindMemory[str]()
    asked = []

    def look(new):
        asked.append(set(new))
        return {thing: thing.upper() for thing in new}

    assert memory.get_all({"a": 1, "b": 2}, look) == {"a": "A", "b": "B"}
    assert memory.get_all({"b": 2, "c": 3}, look) == {"b": "B", "c": "C"}
    assert memory.get_all({"x": 1}, look) == {"x": "A"}
    assert asked == [{"a", "b"}, {"c"}]


def test_the_memory_stays_small(monkeypatch):
    monkeypatch.setattr(kind_memory, "KEPT", 10)
    memory = KindMemory[int]()
    for number in range(100):
        assert memory.get(number, lambda number=number: number) == number
    assert len(memory._found) <= 10
