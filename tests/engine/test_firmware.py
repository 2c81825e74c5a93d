"""What the name of a firmware file tells of its release."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.firmware import is_release, release_of


@pytest.mark.parametrize(
    ("file", "release"),
    [
        ("T23-44.84.0.140.rom", "44.84.0.140"),
        ("T46S(T48S,T42S,T41S)-66.86.0.15.rom", "66.86.0.15"),
        ("snomD785-10.1.152.12-SIP-r.bin", "10.1.152.12"),
        ("x5s-6000-P0.18.1.31-1.0.7.z", "1.0.7"),
        ("v2.12.1.z", "2.12.1"),
        # Nothing that is surely a release.
        ("fw500.rom", ""),
        ("nethesis_np_x5_hwv2_0.bin", ""),
        ("T31-v1.2.rom", ""),
        ("2024-11-02.bin", ""),
        ("", ""),
    ],
)
def test_the_release_is_read_from_the_name(file, release):
    assert release_of(file) == release


@pytest.mark.parametrize(
    ("running", "wanted", "same"),
    [
        ("66.86.0.15", "66.86.0.15", True),
        ("66.86.0.15", "86.0.15", True),
        ("2.12.1", "2.12.1.6887", True),
        ("66.086.0.15", "66.86.0.15", True),
        ("66.86.0.15", "66.86.0.20", False),
        ("66.86.0.15", "86.0.1", False),
        ("66.86.0.15", "15", False),
        ("", "66.86.0.15", False),
        ("", "", False),
    ],
)
def test_versions_are_the_same_with_and_without_the_hardware(running, wanted, same):
    assert is_release(running, wanted) is same
    assert is_release(wanted, running) is same


@given(st.text())
def test_any_name_can_be_read(name):
    release = release_of(name)
    assert release in name
    assert is_release(release, release) is bool(release)
