"""Time zones as phones need them, against the machine's TZ database."""

import zoneinfo
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from provisioning.engine.timezones import Dst, DstEdge, Zone, Zones

ZONES = Zones.load(Path(__file__).parents[2] / "templates" / "timezones.yaml")
NAMES = sorted(ZONES)
MONTHS = (1, 7)
# Morocco counts standard time as summer time and turns the clock back in Ramadan; Ireland counts
# winter time as a negative summer time.
OTHERWISE = {"Africa/Casablanca", "Africa/El_Aaiun", "Europe/Dublin", "Eire"}


def minutes(difference: timedelta | None) -> int:
    return round((difference or timedelta()).total_seconds() / 60)


def test_the_zones_of_every_continent_are_there():
    for name in ("Europe/Rome", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "Pacific/Apia"):
        assert ZONES.find(name).name == name
    assert ZONES.find("Mars/Olympus") is None
    assert ZONES.find("") is None
    assert ZONES.utc.offset_minutes == 0


def test_an_older_name_gives_the_zone_it_stands_for():
    assert ZONES.find("Asia/Calcutta") is ZONES.find("Asia/Kolkata")
    assert ZONES.find("Asia/Calcutta").name == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("name", "hours"),
    [("Europe/Rome", "+1"), ("UTC", "0"), ("America/St_Johns", "-3:30"), ("Asia/Kolkata", "+5:30"),
     ("America/New_York", "-5"), ("Asia/Kathmandu", "+5:45"), ("Pacific/Kiritimati", "+14")],
)  # fmt: skip
def test_an_offset_is_written_as_people_write_it(name, hours):
    assert ZONES.find(name).offset_hours == hours


@pytest.mark.parametrize("name", [n for n in NAMES if n not in OTHERWISE])
def test_offset_and_daylight_saving_are_those_of_the_tz_database(name):
    zone = ZONES.find(name)
    try:
        real = zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("this machine's TZ database does not have it")
    offsets = {minutes(datetime(2026, m, 15, 12, tzinfo=real).utcoffset()) for m in MONTHS}

    expected = {zone.offset_minutes}
    if zone.dst:
        expected.add(zone.offset_minutes + zone.dst.minutes)
    assert offsets == expected


def local(edge: DstEdge, year: int, zone: zoneinfo.ZoneInfo) -> datetime:
    """The moment of an edge on the wall clock."""
    first = datetime(year, edge.month, 1, edge.hour, tzinfo=zone)
    days = [first + timedelta(days=n) for n in range(31)]
    fitting = [d for d in days if d.month == edge.month and d.isoweekday() == edge.weekday]
    return fitting[-1] if edge.week == 5 else fitting[edge.week - 1]


@pytest.mark.parametrize(
    "name",
    [n for n in NAMES if n not in OTHERWISE and ZONES.find(n).dst
     and not ZONES.find(n).dst.approximate],
)  # fmt: skip
def test_the_clock_changes_when_the_tz_database_says(name):
    zone, real = ZONES.find(name), zoneinfo.ZoneInfo(name)
    for edge, change in ((zone.dst.start, zone.dst.minutes), (zone.dst.end, -zone.dst.minutes)):
        at = local(edge, 2026, real)
        before = (at - timedelta(hours=3)).utcoffset()
        after = (at + timedelta(hours=3)).utcoffset()
        assert minutes(after) - minutes(before) == change, str(edge)


def test_a_rule_is_read_and_written_alike():
    edge = DstEdge.parse("3/5/7/2")

    assert (edge.month, edge.week, edge.weekday, edge.hour) == (3, 5, 7, 2)
    assert str(edge) == "3/5/7/2"


def test_a_rule_that_is_not_exact_says_so():
    assert ZONES.find("Asia/Gaza").dst.approximate
    assert not ZONES.find("Europe/Rome").dst.approximate


def test_an_alias_never_hides_a_zone():
    zones = Zones({"UTC": Zone("UTC", 0, "UTC0", None)}, {"Zulu": "UTC"})

    assert list(zones) == ["UTC", "Zulu"]
    assert isinstance(ZONES.find("Europe/Rome").dst, Dst)
