"""Capabilities of a model, as the API answers them from its settings."""

import pytest

from provisioning.rest.capabilities import capabilities


def test_stray_blanks_do_not_matter():
    """Some of Tancredi's shipped capabilities carry them."""
    found = capabilities(
        {
            "cap_linekey_count": "27 ",
            "cap_softkey_count": " 4",
            "cap_linekey_type_blacklist": "hold, ldap , ",
        }
    )
    assert (found["line_keys"], found["soft_keys"]) == (27, 4)
    assert found["not_offered"]["linekey_type"] == ["hold", "ldap"]


@pytest.mark.parametrize("count", ["", " ", "many", "-1"])
def test_what_is_no_count_is_not_told(count):
    assert capabilities({"cap_linekey_count": count})["line_keys"] is None
