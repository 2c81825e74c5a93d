"""Values of Tancredi's API: stored as text and given back exactly, or refused by name."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MAC = "00-15-65-AA-BB-01"
PHONE = f"/phones/{MAC}"
REFUSAL = (400, "malformed-data", "Malformed request body")

NASTY = [
    "../../etc/passwd", "..\\..\\x", "a'b", 'a"b', '"', '\\"', "\\", "\\\\", "\\\\\\", 'a\\"\n',
    "a\nb", "\n", "\r\n", "\t", "\x01\x1f\x7f\x85", '\\"\n[metadata]\nscopeType = "model"',
    "[data]",
    "; comment", "# comment", "a;b=c", "${HOME}", "${", "$HOME", "$1", "{{7*7}}", "{% raw %}",
    "{{ config }}", "{# x", "<a b='c'>&amp;]]></a>", "<![CDATA[x]]>", "<?xml?>", "&lt;", "%MACD",
    "%s%n", "`id`", "$(id)", "' OR 1=1; --", "NO", "ON", "YES", "NULL", "TRUE", "none", "null",
    "false", " 5 ", "  ", "007", "1e5", "0x1F", "+39 02", "-0", "1.50", "é", "日本語", "\U0001f4de",
    "e\u0301", "\u202e", "\u2028", "\ufeff", "\ufffd", "/", "\\/", "a" * 8192, "\U0001f4de" * 8192,
]  # fmt: skip
LONG = "x" * (1024 * 1024)


@pytest.fixture
def phone(api):
    """A phone, and what it must still be after a refusal."""
    return api.create_phone(MAC, variables={"kept": "1"})


# The value model


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ('"abc"', "abc"), ("5", "5"), ("1.5", "1.5"), ("-0.25", "-0.25"), ("1e3", "1000"),
        ("5.0", "5"), ("0", "0"), ("1e-7", "0.0000001"), ("true", "1"), ("false", ""), ('""', ""),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ('"true"', "true"), ('"\\u00e9\\ud83d\\udcde"', "é📞"), ('"a\\/b"', "a/b"),
    ],
)  # fmt: skip
def test_every_value_comes_back_as_text(api, phone, sent, stored):
    body = f'{{"variables":{{"a":{sent}}}}}'.encode()
    answer = api.call("PATCH", PHONE, data=body, content_type="application/json")
    assert answer.json["variables"] == {"kept": "1", "a": stored}
    assert api.variables(PHONE) == {"kept": "1", "a": stored}


def test_text_is_written_plainly(api):
    answer = api.call("POST", "/phones", {"mac": MAC, "variables": {"a": '/é📞\\"\n', "b": 5}})
    assert '"variables":{"a":"/é📞\\\\\\"\\n","b":"5"}'.encode() in answer.data


def test_settings_keep_the_order_in_which_they_came(api):
    api.create_phone(MAC, variables={"z": "1", "a": "2"})
    api.send("PATCH", PHONE, {"variables": {"m": "3", "z": "4"}})
    assert list(api.variables(PHONE)) == ["z", "a", "m"]
    api.send("PATCH", PHONE, {"variables": {"z": None}})
    api.send("PATCH", PHONE, {"variables": {"z": "5"}})
    assert list(api.variables(PHONE)) == ["a", "m", "z"]


@pytest.mark.parametrize("name", ["a", "_", "A1", "x-y.z_1", "softkey_type_1", "linekey_type_120"])
def test_unknown_settings_are_stored(api, phone, name):
    assert api.send("PATCH", PHONE, {"variables": {name: "v"}})["variables"][name] == "v"
    assert api.variables(f"{PHONE}?inherit=1")[name] == "v"


@pytest.mark.parametrize("name", ["tok2", "mac", "provisioning_url2", "variables", "model"])
def test_a_setting_called_like_a_member_is_only_a_setting(api, phone, name):
    after = api.send("PATCH", PHONE, {"variables": {name: "mine"}})
    assert after == {**phone, "variables": {"kept": "1", name: "mine"}}


# What is given back exactly


def everywhere(api, text):
    """Store a text in every place that takes one, and read it back from each."""
    variables = {"account_display_name_1": text, "unknown": text}
    api.call("DELETE", PHONE)
    api.call("DELETE", "/models/yealink-T46-x")
    api.create_phone(MAC, display_name=text, variables=variables)
    api.send("PATCH", PHONE, {"variables": variables})
    model = {"name": "yealink-T46-x", "display_name": text, "variables": variables}
    api.send("POST", "/models", model)
    api.send("PATCH", "/models/yealink-T46-x", {"display_name": text, "variables": variables})
    assert api.call("PATCH", "/defaults", variables).status_code == 204
    phone, model = api.document(PHONE), api.document("/models/yealink-T46-x")
    assert (phone["display_name"], model["display_name"]) == (text, text)
    for found in (phone["variables"], model["variables"]):
        assert found == variables
    defaults, merged = api.document("/defaults"), api.variables(f"{PHONE}?inherit=1")
    assert {defaults["unknown"], merged["unknown"], merged["account_display_name_1"]} == {text}
    assert api.document("/phones")[0]["display_name"] == text
    # The phone's other members are untouched by whatever its settings hold.
    assert (phone["mac"], phone["model"]) == (MAC, "")


def test_nasty_text_comes_back_exactly(api):
    for text in NASTY:
        everywhere(api, text)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    | st.text("\\\"'\n[]{}$;=& <>%\r")
)
def test_any_text_comes_back_exactly(api, text):
    everywhere(api, text)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["language", "contrast", "softkey_type_1", "x", "y"]),
            st.none() | st.sampled_from(["", "0", "dnd", "history"]),
        ),
        max_size=4,
    )
)
def test_changes_add_up_the_same_for_phones_models_copies_and_defaults(api, changes):
    api.call("DELETE", PHONE)
    for name in ("yealink-T46", "yealink-T46-x", "acme-M"):
        api.call("DELETE", f"/models/{name}")
    shipped = api.variables("/models/yealink-T46")
    api.create_phone(MAC)
    api.send("POST", "/models", {"name": "acme-M"})
    api.send("POST", "/models", {"name": "yealink-T46-x", "variables": shipped})
    expected, of_model, of_defaults = {}, dict(shipped), api.document("/defaults")
    for change in changes:
        for found in (expected, of_model, of_defaults):
            for name, value in change.items():
                if value is None:
                    found.pop(name, None)
                else:
                    found[name] = value
        for path in (PHONE, "/models/acme-M", "/models/yealink-T46", "/models/yealink-T46-x"):
            api.send("PATCH", path, {"variables": change})
        assert api.call("PATCH", "/defaults", change).status_code == 204
    assert api.variables(PHONE) == api.variables("/models/acme-M") == expected
    assert api.variables("/models/yealink-T46") == of_model
    assert api.variables("/models/yealink-T46-x") == of_model
    assert api.document("/defaults") == of_defaults
    assert api.variables("/models/yealink-T46/version/original") == shipped


# What is refused


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('["a","b"]', "Lists and objects"), ("{}", "Lists and objects"),
        ("[]", "Lists and objects"),
        ('{"k":"v"}', "Lists and objects"), ("NaN", "not finite"), ("Infinity", "not finite"),
        ("1e400", "not finite"), ('"a\\u0000b"', "NUL"), ('"\\ud83d"', "surrogate"),
        (json.dumps(LONG), "1048576 characters"), (json.dumps("x" * 8193), "8193 characters"),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_value_that_cannot_be_stored_is_refused_by_name(api, refused, phone, value, reason):
    body = f'{{"variables":{{"fine":"1","culprit":{value}}}}}'.encode()
    defaults = api.document("/defaults")
    model = api.document("/models/yealink-T46")
    for method, path, sent in [
        ("PATCH", PHONE, body),
        ("PATCH", "/models/yealink-T46", body),
        ("PATCH", "/defaults", f'{{"culprit":{value}}}'.encode()),
        ("POST", "/phones", b'{"mac":"00-15-65-AA-BB-02",' + body[1:]),
        ("POST", "/models", b'{"name":"acme-M",' + body[1:]),
    ]:
        answer = api.call(method, path, data=sent, content_type="application/json")
        detail = refused(answer, *REFUSAL)
        assert "culprit: " in detail
        assert reason in detail
        assert "fine" not in detail
        assert len(detail) < 200
    assert api.document(PHONE) == phone
    assert len(api.document("/phones")) == 1
    assert api.document("/defaults") == defaults
    assert api.document("/models/yealink-T46") == model
    assert api.call("GET", "/models/acme-M").status_code == 404


BAD_NAMES = [
    "", "1", "123", "1a", "-a", ".a", "a b", "a\n", "a\nb", "a;b", "a=b", "a[x]", "a[]", 'a"b',
    "a{b}", "a|b", "a&b", "a~b", "a!b", "a(b", "a^b", "é", "a/b", "../a", "${HOME}", "{{7*7}}",
    "null", "yes", "NO", "True", "false", "on", "off", "None", "a\0", "\ud83d", "x" * 129,
]  # fmt: skip


def test_a_name_that_no_setting_may_have_is_refused(api, refused, phone):
    for name, value in itertools.product(BAD_NAMES, ("v", None)):
        for path in (PHONE, "/models/yealink-T46"):
            change = {"variables": {"fine": "1", name: value}}
            detail = refused(api.call("PATCH", path, change), *REFUSAL)
            shown = name[:80].encode("utf-8", "backslashreplace").decode()
            assert detail.startswith(shown)
            assert "fine" not in detail
        refused(api.call("PATCH", "/defaults", {name: value}), *REFUSAL)
    assert api.document(PHONE) == phone


def test_all_culprits_are_named_at_once(api, refused, phone):
    change = {"variables": {"first": [], "fine": "1", "second": {}, "a b": "1"}}
    detail = refused(api.call("PATCH", PHONE, change), *REFUSAL)
    assert all(name in detail for name in ("first", "second", "a b"))
    assert "fine" not in detail


def test_a_refusal_does_not_repeat_the_value(api, refused, phone):
    secret = "s3cret" * 2000
    detail = refused(api.call("PATCH", PHONE, {"variables": {"adminpw": secret}}), *REFUSAL)
    assert "s3cret" not in detail


BAD_ADDRESSES = [
    "x", "../../etc/passwd", "../00-15-65-AA-BB-01", "00-15-65-AA-BB", "00-15-65-AA-BB-01-02",
    "00-15-65-AA-BB-0G", "00:15-65:AA-BB:01", "00 15 65 AA BB 01", "001565AABB0", "defaults",
    "00-15-65-AA-BB-01/x", "00-15-65-AA-BB-01\\", "00-15-65-AA-BB-01\n[metadata]", "${HOME}",
    "{{7*7}}", "<a>", '"', "'", "00-15-65-AA-BB-01\0", "\u0660\u0660-15-65-AA-BB-01", "\ud83d",
    True, 1, 1565, ["00-15-65-AA-BB-01"], {"a": "b"}, LONG,
]  # fmt: skip


def test_what_is_no_address_is_refused(api, refused):
    for mac in BAD_ADDRESSES:
        answer = api.call("POST", "/phones", {"mac": mac, "model": "yealink-T46"})
        detail = refused(answer, *REFUSAL)
        assert detail.startswith("mac: ")
        assert len(detail) < 250
    assert api.document("/phones") == []


@pytest.mark.parametrize(
    "model",
    ["a b", "a/b", "../yealink-T46", "a\n", "é", "${HOME}", "{{7*7}}", "<a>", '"', "x" * 129,
     ["yealink-T46"], {"a": "b"}, LONG, "a\0"],
    ids=range(14),
)  # fmt: skip
def test_what_cannot_be_the_name_of_a_model_is_refused(api, refused, phone, model):
    other = {"mac": "00-15-65-AA-BB-02", "model": model}
    for method, path, document in [
        ("PATCH", PHONE, {"model": model}),
        ("PATCH", PHONE, {"model": model, "variables": {"a": "1"}}),
        ("POST", "/phones", other),
    ]:
        detail = refused(api.call(method, path, document), *REFUSAL)
        assert detail.startswith("model: ")
    assert api.document(PHONE) == phone
    assert len(api.document("/phones")) == 1


@pytest.mark.parametrize("text", [["a"], {"a": "b"}, LONG, "a\0", "\ud83d"], ids=range(5))
def test_a_display_name_that_cannot_be_stored_is_refused(api, refused, phone, text):
    before = api.document("/models/yealink-T46")
    for method, path, document in [
        ("POST", "/phones", {"mac": "00-15-65-AA-BB-02"}),
        ("POST", "/models", {"name": "acme-M"}),
        ("PATCH", "/models/yealink-T46", {"variables": {"a": "1"}}),
    ]:
        answer = api.call(method, path, {**document, "display_name": text})
        assert refused(answer, *REFUSAL).startswith("display_name: ")
    assert api.document("/models/yealink-T46") == before


@pytest.mark.parametrize("name", [["a"], {"a": "b"}, LONG, "a\0"], ids=range(4))
def test_a_model_name_that_is_no_text_is_refused(api, refused, name):
    answer = api.call("POST", "/models", {"name": name})
    assert refused(answer, *REFUSAL).startswith("name: ")


@pytest.mark.parametrize(
    "text", ["'", '"', "\\", "%0a", "%00", "%27%20OR%201=1", "${HOME}", "{{7*7}}", "%3Ca%3E", "..",
             "%2e%2e%2fdefaults", "..%2f..%2fetc%2fpasswd", "%ff%fe", "x" * 3000],
)  # fmt: skip
def test_nasty_paths_name_nothing(api, not_found, phone, text):
    for kind in ("phones", "models", "firmware"):
        for method in ("DELETE",) if kind == "firmware" else ("GET", "DELETE", "PATCH"):
            not_found(api.call(method, f"/{kind}/{text}", {"variables": {}}))
    assert api.document(PHONE) == phone
