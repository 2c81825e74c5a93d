"""What a NOTIFY asks of a vendor's phones: data of ``vendor.yaml``, checked when it is read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.sip_event import is_event
from provisioning.engine.vendor_files import VendorFileError, load_library

TEMPLATES = Path(__file__).parents[2] / "templates" / "phones"
SHIPPED = load_library([TEMPLATES]).vendors


def acme(tree: Path, notify: str):
    folder = tree / "acme"
    folder.mkdir(parents=True)
    (folder / "vendor.yaml").write_text(f"name: Acme\nnotify: {notify}\n", encoding="utf-8")
    return tree


@pytest.mark.parametrize("vendor", sorted(SHIPPED))
def test_every_vendor_says_how_its_phones_are_told_to_reload_and_to_reboot(vendor):
    """A reload must never ask for a reboot: it would end a call."""
    notify = SHIPPED[vendor].notify
    assert set(notify) == {"reload", "reboot"}
    assert "reboot=true" not in notify["reload"]
    assert "reboot=true" in notify["reboot"]


def test_a_vendor_may_know_only_one_event_and_a_site_may_add_the_other(tmp_path):
    shipped = acme(tmp_path / "shipped", "{reboot: check-sync;reboot=true}")
    own = acme(tmp_path / "own", "{reload: resync}")

    assert load_library([shipped]).vendors["acme"].notify == {"reboot": "check-sync;reboot=true"}
    assert load_library([shipped, own]).vendors["acme"].notify == {
        "reboot": "check-sync;reboot=true", "reload": "resync",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("notify", "reason"),
    [
        ('{reload: "resync,Contact=x"}', "notify.reload: 'resync,Contact=x' is not an event"),
        ('{reload: ""}', "notify.reload: '' is not an event"),
        ('{reload: "a\\r\\nb"}', "is not an event"),
        ("{reload: 1}", "notify.reload: must be text"),
        ("{restart: x}", "notify.restart: unknown member; there are reboot, reload"),
        ("check-sync", "notify: must be a mapping"),
    ],
)
def test_an_event_that_cannot_be_sent_is_refused_with_its_line(tmp_path, notify, reason):
    tree = acme(tmp_path, notify)
    with pytest.raises(VendorFileError) as mistake:
        load_library([tree])
    assert reason in str(mistake.value)
    assert "vendor.yaml:2: " in str(mistake.value)


@given(st.text())
def test_an_event_never_holds_what_ends_a_header_or_a_variable(text):
    if is_event(text):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set(' ,"\\()<>')


@pytest.mark.parametrize(
    "event",
    ["check-sync", "check-sync;reboot=false", "resync", "reboot_now", "ACTION-URI", "dialog;sla"],
)
def test_events_that_phones_know_are_events(event):
    assert is_event(event)


@pytest.mark.parametrize(
    "text", ["", ";", "a;", ";a", "a;b=", "a;=b", "a=b", "a b", "a\n", "x" * 101]
)
def test_half_an_event_is_none(text):
    assert not is_event(text)
