"""Output formats own their escaping: no value can add a line, a parameter or an element."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from provisioning.engine.identification import UNKNOWN
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone import Phone
from provisioning.engine.phone_building import Request, Subject, build_phone
from provisioning.engine.rendering import Renderer, RenderingError
from provisioning.engine.timezones import Zones
from provisioning.engine.vendor_files import load_library
from provisioning.engine.vendors import TemplateRef

ZONES = Zones.load(Path(__file__).parents[2] / "templates" / "timezones.yaml")
LINES = """\
name = {{ phone.accounts[0].display_name }}
plain = {{ variables.text }}
word = {{ phone.language | code("language") }}
flag = {{ true | on }}{{ false | on }}{{ "" | on }}
none = {{ phone.screen.background }}
"""
XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<phone a="{{ variables.text }}" b='{{ variables.text }}'><name>{{ variables.text }}</name></phone>
"""


@pytest.fixture(scope="session")
def renderer(tmp_path_factory) -> Renderer:
    tree = tmp_path_factory.mktemp("vendors")
    for vendor, format_name, template in (("acme", "lines", LINES), ("xacme", "xml", XML)):
        (tree / vendor).mkdir()
        (tree / vendor / "vendor.yaml").write_text(
            f"format: {format_name}\n"
            "values: {language: {it: italiano, '*': english}}\n"
            "facts: {colour: grey}\n"
            f"models: {{{vendor}-A: {{facts: {{colour: red}}}}}}\n"
        )
        (tree / vendor / "phone.j2").write_text(template)
    acme = tree / "acme"
    (acme / "facts.j2").write_text("{{ facts.colour }} {{ model.id if model else 'none' }}")
    (acme / "missing_include.j2").write_text("a\n\n{% include 'gone.j2' %}")
    (acme / "undefined.j2").write_text("a\nb {{ variables.gone }}\n")
    (acme / "syntax.j2").write_text("a\n{% if %}\n")
    (acme / "division.j2").write_text("{{ 1 / 0 }}")
    (acme / "words.j2").write_text("{{ 'x' | code('gone') }}")
    (acme / "endless.j2").write_text("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")
    return Renderer(load_library([tree]))


def phone(renderer: Renderer, variables: dict[str, str], model: str = "") -> Phone:
    return build_phone(
        Subject(MacAddress("001565aabb01"), renderer.library.models.get(model), "", "pbx", 1),
        variables,
        Request("", "", complete=True, device=UNKNOWN, file_exists=lambda *_: False),
        ZONES,
    )


def render(renderer: Renderer, vendor: str, file: str = "phone.j2", model: str = "", **variables):
    template = TemplateRef(vendor, file)
    return renderer.render(template, phone(renderer, variables, model), variables).decode()


@given(text=st.text(max_size=60))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_never_starts_a_line(renderer, text):
    """A line break in a name wrote parameters of its own (seen in Tancredi)."""
    body = render(renderer, "acme", text=text, account_display_name_1=text)

    names = [line.partition(" = ")[0] for line in body.splitlines()]
    assert names == ["name", "plain", "word", "flag", "none"]


@pytest.mark.parametrize(
    "separator",
    [
        "\n",
        "\r",
        "\r\n",
        "\x00",
        "\x0b",
        "\x0c",
        "\x1c",
        "\x1d",
        "\x1e",
        "\x85",
        "\u2028",
        "\u2029",
    ],
)
def test_no_kind_of_line_separator_gets_through(renderer, separator):
    body = render(renderer, "acme", text=f"a{separator}evil = 1", account_display_name_1="")

    assert "plain = aevil = 1\n" in body


def test_what_is_no_separator_stays_in_a_line(renderer):
    text = "Caff\u00e8 \u4e2d\u6587 \U0001f4de <&>\"' {{7*7}} #;\\ \u200e"

    assert f"plain = {text}\n" in render(renderer, "acme", text=text)


@given(text=st.text(max_size=60))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_never_adds_an_element(renderer, text):
    root = etree.fromstring(render(renderer, "xacme", text=text).encode())

    assert [child.tag for child in root] == ["name"]
    assert sorted(root.attrib) == ["a", "b"]
    possible = "".join(c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff"
                       or "\ue000" <= c <= "\ufffd" or c > "\uffff")  # fmt: skip
    as_read = possible.replace("\r\n", "\n").replace("\r", "\n")  # an XML parser does so
    assert (root[0].text or "") == as_read


@pytest.mark.parametrize("text", ["<&>\"'", "]]>", "<!--", "&amp;", "<?x?>", "&#0;", "'/><x a='"])
def test_markup_in_a_value_is_read_back_as_text(renderer, text):
    root = etree.fromstring(render(renderer, "xacme", text=text).encode())

    assert root[0].text == root.get("a") == root.get("b") == text


def test_a_word_of_the_vendor_or_its_word_for_everything_else(renderer):
    assert "word = italiano\n" in render(renderer, "acme", text="", language="it")
    assert "word = english\n" in render(renderer, "acme", text="", language="xx")


def test_flags_and_nothing_are_written_plainly(renderer):
    body = render(renderer, "acme", text="")

    assert "flag = 100\n" in body
    assert "none = \n" in body


def test_a_model_overlays_the_facts_of_its_vendor(renderer):
    assert render(renderer, "acme", "facts.j2") == "grey none"
    assert render(renderer, "acme", "facts.j2", model="acme-A") == "red acme-A"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("gone.j2", "template acme/gone.j2 does not exist"),
        ("missing_include.j2", "template acme/gone.j2 does not exist"),
        ("undefined.j2", "template acme/undefined.j2"),
        ("syntax.j2", "template acme/syntax.j2 line 2: "),
        ("division.j2", "template acme/division.j2: ZeroDivisionError"),
        ("words.j2", "template acme/words.j2: KeyError: 'gone'"),
        ("endless.j2", "template acme/endless.j2: RecursionError"),
        ("../xacme/phone.j2", "does not exist"),
    ],
)
def test_a_mistake_is_told_with_its_template(renderer, file, told):
    with pytest.raises(RenderingError) as refused:
        render(renderer, "acme", file)

    assert told in str(refused.value)


def test_the_same_input_gives_the_same_bytes(renderer):
    again = Renderer(renderer.library)

    assert render(renderer, "acme", text="x") == render(again, "acme", text="x")
