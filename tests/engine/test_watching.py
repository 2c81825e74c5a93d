"""A watched rendering tells what a template reads, and writes the same file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.identification import Identification
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone_building import Request, Subject, build_phone
from provisioning.engine.rendering import Renderer
from provisioning.engine.scopes import merge
from provisioning.engine.timezones import Zones
from provisioning.engine.vendor_files import load_library
from provisioning.engine.watching import Reads, influenced

TEMPLATES = Path(__file__).parents[2] / "templates"
LIBRARY = load_library([TEMPLATES / "phones"])
RENDERER = Renderer(LIBRARY)
ZONES = Zones.load(TEMPLATES / "timezones.yaml")
DEFAULTS = Catalogue.load(TEMPLATES / "parameters.yaml").defaults
SETTINGS = (
    "brightness", "contrast", "language", "timezone", "ldap_port", "ldap_server", "vlan_id_phone",
    "account_username_1", "account_voicemail_1", "outbound_proxy_1", "linekey_type_3",
    "linekey_value_3", "linekey_label_3", "softkey_type_1", "ringtone", "logo_text", "tonezone",
)  # fmt: skip


def built(model_id, variables):
    model = LIBRARY.models[model_id]
    merged = merge([DEFAULTS, model.variables, variables])
    subject = Subject(
        mac=MacAddress.parse("001565aabb01"),
        model=model,
        display_name="",
        hostname="pbx.example.org",
        accounts=model.accounts,
    )
    request = Request(
        url="https://pbx.example.org/provisioning/T",
        base_url="https://pbx.example.org/provisioning/T",
        complete=True,
        device=Identification(),
        file_exists=lambda collection, name: True,
    )
    return build_phone(subject, merged, request, ZONES), merged


def rendered(model_id, variables):
    phone, merged = built(model_id, variables)
    return RENDERER.render(LIBRARY.template(merged["tmpl_phone"]), phone, merged)


def watched(model_id, variables):
    phone, merged = built(model_id, variables)
    reads = Reads()
    template = LIBRARY.template(merged["tmpl_phone"])
    body = RENDERER.render(template, reads.phone(phone), reads.variables(merged))
    return body, reads


@pytest.mark.parametrize("model_id", LIBRARY.models)
def test_a_watched_template_writes_the_same_file(model_id):
    settings = {"account_username_1": "201", "linekey_type_1": "blf", "linekey_value_1": "202"}
    assert watched(model_id, settings)[0] == rendered(model_id, settings)


@given(
    model_id=st.sampled_from(sorted(LIBRARY.models)),
    before=st.dictionaries(st.sampled_from(SETTINGS), st.sampled_from(["", "1", "5", "blf", "it"])),
    name=st.sampled_from(SETTINGS),
    value=st.sampled_from(["", "0", "2", "9", "line", "de", "192.0.2.1"]),
)
def test_what_was_not_read_changes_nothing(model_id, before, name, value):
    _, reads = watched(model_id, before)
    after = {**before, name: value}
    paths = set(influenced(built(model_id, before)[0], built(model_id, after)[0]))
    if not reads.has(name) and not paths & reads.attributes:
        assert rendered(model_id, after) == rendered(model_id, before)


def test_a_difference_is_told_by_its_path():
    one = built("yealink-T46", {"account_username_1": "201"})[0]
    other = built("yealink-T46", {"account_username_1": "202", "linekey_label_3": "Hall"})[0]
    assert set(influenced(one, other)) == {"accounts[0].username", "line_keys[2].label"}
    assert not set(influenced(one, one))


def test_what_a_file_setting_gives_is_one_difference():
    one = built("yealink-T46", {})[0]
    other = built("yealink-T46", {"background_file": "a.png"})[0]
    assert set(influenced(one, other)) == {"screen.background"}


def test_going_through_all_settings_reads_each():
    reads = Reads()
    assert dict(reads.variables({"a": "1"}).items()) == {"a": "1"}
    assert reads.has("anything")


def test_looking_for_a_setting_that_is_not_there_reads_it():
    reads = Reads()
    variables = reads.variables({"a": "1"})
    assert variables.get("b", "x") == "x"
    assert "c" not in variables
    assert variables["a"] == "1"
    assert reads.has("b")
    assert reads.has("c")
    assert not reads.has("d")
