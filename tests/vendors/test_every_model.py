"""What holds for every model of every vendor."""

import time
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from phones import (
    CATALOGUE,
    DEFAULTS,
    LIBRARY,
    LINE_KEY_TYPES,
    everything_empty,
    everything_set,
    key_counts,
    keys_of_every_type,
    render,
)

EVERY_MODEL = sorted(LIBRARY.models)
# One model for each template: what depends on the template alone.
A_MODEL_OF_EACH_TEMPLATE = sorted(
    {(m.vendor, m.variables["tmpl_phone"]): m.id for m in LIBRARY.models.values()}.values()
)

TYPED_BY_PEOPLE = (
    "account_display_name_1", "account_username_1", "account_password_1", "account_voicemail_1",
    "hostname", "adminpw", "userpw", "ldap_name_filter", "ldap_password", "ldap_base",
    "ntp_server", "pickup_direct", "linekey_value_1", "linekey_label_1", "softkey_label_1",
    "expkey_label_1", "outbound_proxy_1", "language", "timezone", "tonezone", "brightness",
    "backlight_time", "vlan_id_phone", "logo_text", "dndtoggle",
)  # fmt: skip

HOSTILE = (
    'a"b', "a\\b", "a\nb = c", "a\r\n[section]", "${HOME}", "{{7*7}}", "{% raw %}", "<b>&amp;",
    "]]>", "-->", "a;b", "a'b", "\x00\x07", "\u2028x", "\x85x", "#!version", "%NULL%", "é✓😀",
)  # fmt: skip


def check(model_id: str, text: str) -> None:
    """The text is one of the vendor's format: XML, or lines that all belong to a parameter."""
    vendor = LIBRARY.vendors[LIBRARY.models[model_id].vendor]
    if vendor.format == "xml":
        etree.fromstring(text.encode())
    assert text.strip()
    assert "{{" not in text.replace("{{7*7}}", "")


def lines_without_values(text: str) -> list[str]:
    """What stands before the first separator of each line."""
    return [line.replace("=", ":").partition(":")[0].strip() for line in text.split("\n")]


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_a_model_renders_whatever_is_set(model_id):
    for variables in (
        {},
        everything_set(model_id),
        everything_empty(model_id),
        *(keys_of_every_type(model_id, shift) for shift in range(len(LINE_KEY_TYPES))),
    ):
        check(model_id, render(model_id, variables))
        check(model_id, render(model_id, variables, tokenless=True, complete=False))


@pytest.mark.parametrize("model_id", A_MODEL_OF_EACH_TEMPLATE)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_can_add_a_line_or_break_the_format(model_id, value):
    variables = everything_set(model_id)
    harmless = render(model_id, {**variables, **dict.fromkeys(TYPED_BY_PEOPLE, "x")})
    text = render(model_id, {**variables, **dict.fromkeys(TYPED_BY_PEOPLE, value)})
    check(model_id, text)
    if LIBRARY.vendors[LIBRARY.models[model_id].vendor].format == "lines":
        assert lines_without_values(text) == lines_without_values(harmless)
    assert value != "{{7*7}}" or value in text


@pytest.mark.parametrize("model_id", A_MODEL_OF_EACH_TEMPLATE)
@settings(max_examples=25)
@given(data=st.data())
def test_random_settings_render(model_id, data):
    names = st.sampled_from(sorted({*TYPED_BY_PEOPLE, *everything_set(model_id)}))
    # What a value holds is no trace of the template.
    values = st.text(max_size=40).filter(lambda text: "{{" not in text)
    variables = data.draw(st.dictionaries(names, values, max_size=30))
    check(model_id, render(model_id, variables))


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_the_presets_of_a_model_are_values_that_the_catalogue_allows(model_id):
    model = LIBRARY.models[model_id]
    assert CATALOGUE.check(dict(model.variables)) == dict(model.variables)
    CATALOGUE.check(dict(model.tancredi_variables))


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_the_same_input_gives_the_same_bytes_at_any_time(model_id, monkeypatch):
    variables = everything_set(model_id)
    now = render(model_id, variables)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(4e9))
    assert render(model_id, variables) == now


def test_every_model_of_the_products_list_is_there():
    """The support list has 116 models of Tancredi and one that only the product's page names."""
    by_vendor = {v: sum(m.vendor == v for m in LIBRARY.models.values()) for v in LIBRARY.vendors}
    assert by_vendor == {
        "akuvox": 4,
        "fanvil": 30,
        "gigaset": 10,
        "nethesis": 4,
        "sangoma": 11,
        "snom": 26,
        "yealink": 32,
    }


def test_no_user_agent_name_stands_for_two_models():
    seen: dict[tuple[str, str], str] = {}
    for model in LIBRARY.models.values():
        for name in model.user_agents:
            assert (model.vendor, name) not in seen, (
                f"{name}: {seen[model.vendor, name]}, {model.id}"
            )
            seen[model.vendor, name] = model.id


def test_every_model_names_a_template_that_exists():
    for model in LIBRARY.models.values():
        for name, value in {**DEFAULTS, **model.variables}.items():
            if name.startswith("tmpl_") and value:
                assert LIBRARY.template(value), f"{model.id}: {name} = {value}"


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_a_rendering_takes_four_milliseconds_at_most_on_average(model_id):
    variables = keys_of_every_type(model_id) | {"account_username_1": "201"}
    assert sum(key_counts(LIBRARY.models[model_id]).values()) < 400
    render(model_id, variables)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        render(model_id, variables)
        seconds.append(time.process_time() - start)
    # Twice the target: this measures on whatever machine runs the tests. bench/ holds the target.
    assert median(seconds) < 0.008
