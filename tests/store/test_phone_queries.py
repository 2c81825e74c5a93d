"""Lists of phones: filtered, searched, in pages."""

import pytest

from provisioning.store import phone_lists, phones
from provisioning.store.phone_lists import Filter

PHONES = {
    "00-15-65-AA-BB-01": ("yealink-T46", "Reception"),
    "00-15-65-AA-BB-02": ("yealink-T46", "Workshop 100%"),
    "00-04-13-00-00-01": ("snom-D785", "Caff\u00e8 d'angolo_1"),
    "00-04-13-00-00-02": ("", ""),
}


@pytest.fixture(autouse=True)
def some_phones(store):
    for mac, (model, name) in PHONES.items():
        phones.insert(mac, model=model, display_name=name, variables={})


def macs(**wanted) -> list[str]:
    return phone_lists.macs(Filter(**wanted))


def test_phones_are_listed_by_address():
    assert macs() == sorted(PHONES) == [phone.mac for phone in phones.all_sorted()]


def test_a_page_tells_how_many_there_are_in_all():
    count, found = phone_lists.page(Filter(), sort="mac", descending=False, offset=1, limit=2)

    assert count == 4
    assert [phone.mac for phone in found] == sorted(PHONES)[1:3]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("recep", ["00-15-65-AA-BB-01"]),
        ("aabb", ["00-15-65-AA-BB-01", "00-15-65-AA-BB-02"]),
        ("65:aa:bb:01", ["00-15-65-AA-BB-01"]),
        ("65-AA-BB-01", ["00-15-65-AA-BB-01"]),
        ("0015.65aa.bb01", ["00-15-65-AA-BB-01"]),
        ("100%", ["00-15-65-AA-BB-02"]),
        ("%", ["00-15-65-AA-BB-02"]),
        ("d'angolo", ["00-04-13-00-00-01"]),
        ("o_1", ["00-04-13-00-00-01"]),
        ("\\", []),
        ("nobody", []),
        ("--", []),
    ],
)
def test_phones_are_found_by_name_and_by_address_in_any_notation(search, found):
    assert macs(search=search) == found


def test_phones_are_found_by_model():
    assert macs(models=["snom-D785"]) == ["00-04-13-00-00-01"]
    assert macs(models=[""]) == ["00-04-13-00-00-02"]
    assert phones.models_in_use() == {"yealink-T46": 2, "snom-D785": 1}
    assert phones.count_of_model("yealink-T46") == 2
