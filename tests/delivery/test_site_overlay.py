"""What a site adds or overrides takes effect at once, and hurts nobody else when it is wrong."""

import shutil
from pathlib import Path

import pytest
from served import ACCOUNT, SNOM, YEALINK, Served

from provisioning.engine.mac import MacAddress
from provisioning.services import models, phones

FILE = f"{YEALINK.bare}.cfg"
DOOR = MacAddress.parse("AC-DE-48-00-00-01")
ACME = """
name: Acme
accounts: 2
oui: ["AC:DE:48"]
files:
  - {pattern: 'door-{mac}\\.txt', role: phone, content_type: text/x-acme}
templates: {acme.tmpl: door.j2}
user_agents: ['Acme (?P<model>\\w+) (?P<version>[\\d.]+)']
models:
  acme-Door: {name: Acme Door, variables: {tmpl_phone: acme.tmpl, cap_linekey_count: 2}}
"""
DOOR_TEMPLATE = """\
user={{ phone.accounts[0].username }}
keys={{ phone.line_keys | length }}
url={{ phone.provisioning.url }}
"""


@pytest.fixture
def served(served: Served) -> Served:
    """A process that has served something already."""
    served.site.own_vendors = served.site.state / "templates" / "phones"
    served.register()
    assert served.ask(FILE).status_code == 200
    return served


def write(served: Served, path: str, content: str) -> Path:
    """Put a file into the site's own tree, and let a second pass."""
    file = served.site.own_vendors / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    a_second_passes(served)
    return file


def a_second_passes(served: Served) -> None:
    served.site._looked_at = float("-inf")


def door(served: Served, template: str = DOOR_TEMPLATE):
    write(served, "acme/door.j2", template)
    write(served, "acme/vendor.yaml", ACME)
    return served.register(DOOR, "acme-Door")


def test_a_vendor_of_the_site_is_served_without_a_restart(served: Served):
    phone = door(served)

    answer = served.ask(f"{phone.tok2}/door-{DOOR.bare}.txt", user_agent="Acme D1 2.5")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/x-acme"
    assert answer.text == f"user=user201\nkeys=2\nurl={phone.provisioning_url2}\n"
    request = served.last_request()
    assert (request.vendor, request.model, request.firmware) == ("acme", "D1", "2.5")
    assert "user=\n" in served.ask(f"DOOR-{DOOR.bare.upper()}.TXT").text


def test_the_tree_is_looked_at_once_a_second_only(served: Served):
    phone = served.register(DOOR, "acme-Door")
    write(served, "acme/door.j2", DOOR_TEMPLATE)
    served.ask(FILE)  # looks
    (served.site.own_vendors / "acme" / "vendor.yaml").write_text(ACME)

    assert served.ask(f"{phone.tok2}/door-{DOOR.bare}.txt").status_code == 404
    a_second_passes(served)
    assert served.ask(f"{phone.tok2}/door-{DOOR.bare}.txt").status_code == 200


def test_a_model_of_the_site_joins_a_shipped_vendor(served: Served):
    write(
        served,
        "yealink/vendor.yaml",
        "models:\n"
        "  yealink-T46-hotel: {name: Hotel, variables: {tmpl_phone: yealink.tmpl, "
        "cap_linekey_count: 1}}\n",
    )
    served.site.refresh()
    assert models.get(served.site, "yealink-T46-hotel").display_name == "Hotel"
    phones.change(served.site, YEALINK, model="yealink-T46-hotel", by="tests")

    body = served.ask(FILE).text

    assert "linekey.1.type" in body
    assert "linekey.2.type" not in body
    assert "yealink-T46" in served.site.library.models


def test_an_overridden_template_replaces_the_shipped_one(served: Served):
    """No vendor.yaml is needed for that."""
    before = served.ask(FILE)
    shipped = (Path(served.site._shipped) / "yealink" / "phone.cfg.j2").read_text()

    write(served, "yealink/phone.cfg.j2", shipped + "site.line = {{ phone.mac.bare }}\n")

    after = served.ask(FILE, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data == before.data + f"site.line = {YEALINK.bare}\n".encode()

    (served.site.own_vendors / "yealink" / "phone.cfg.j2").unlink()
    a_second_passes(served)
    assert served.ask(FILE).data == before.data


def test_every_edit_of_a_template_is_noticed(served: Served):
    phone = door(served)
    path = f"{phone.tok2}/door-{DOOR.bare}.txt"
    seen = set()
    for number in range(3):
        write(served, "acme/door.j2", f"edit {number}\n")
        answer = served.ask(path)
        assert answer.text == f"edit {number}\n"
        seen.add(answer.headers["ETag"])

    assert len(seen) == 3


def test_moving_a_template_to_another_vendor_is_a_change(served: Served):
    """Names and contents stay the same, the meaning does not."""
    before = served.site.digest
    write(served, "acme/vendor.yaml", "name: A\n")
    served.site.refresh()
    first = served.site.digest
    shutil.move(served.site.own_vendors / "acme", served.site.own_vendors / "bcme")
    a_second_passes(served)
    served.site.refresh()

    assert len({before, first, served.site.digest}) == 3


def test_a_pattern_of_the_site_is_tried_before_all_shipped_ones(served: Served):
    write(served, "acme/door.j2", "acme\n")
    write(
        served,
        "acme/vendor.yaml",
        "files:\n  - {pattern: '00(\\w\\w)(\\w\\w)aabb(\\w\\w)\\.cfg', role: phone, "
        "mac: '00-\\1-\\2-AA-BB-\\3', content_type: text/x-mine}\n",
    )

    assert served.ask(FILE).headers["Content-Type"] == "text/x-mine"
    assert "user201" not in served.ask(FILE).text


def test_a_pattern_of_the_site_serves_addresses_that_are_no_vendors(served: Served):
    """Sites had to add rules by hand for new prefixes (NethServer/dev 8063)."""
    mac = MacAddress.parse("C0-74-AD-00-00-01")
    phone = served.register(mac)
    assert served.ask("gxp-c074ad000001.xml").status_code == 404

    write(
        served,
        "yealink/vendor.yaml",
        "files: [{pattern: 'gxp-c074ad(..)(..)(..)\\.xml', role: phone, "
        "mac: 'C0-74-AD-\\1-\\2-\\3'}]\n",
    )

    assert served.ask("gxp-c074ad000001.xml").status_code == 200
    assert b"user201" in served.ask(f"{phone.tok2}/gxp-c074ad000001.xml").data


BROKEN = {
    "no YAML": b"name: [unclosed\n",
    "not UTF-8": b"name: \xff\n",
    "a word": b"acme\n",
    "unknown member": b"colour: red\n",
    "model without members": b"models:\n  acme-Door:\n",
    "a pattern that is no expression": b"files: [{pattern: '(', role: phone}]\n",
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_broken_vendor_leaves_the_others_in_service(served: Served, mistake, caplog):
    door(served)
    write(served, "snom/vendor.yaml", "models: {snom-Site: {name: Site}}\n")
    file = served.site.own_vendors / "acme" / "vendor.yaml"
    file.write_bytes(BROKEN[mistake])

    answer = served.ask(FILE)

    assert answer.status_code == 200
    assert str(file) in caplog.text
    assert f"{file}:" in caplog.text  # a line follows
    assert "snom-Site" in served.site.library.models
    assert "acme" not in served.site.library.vendors


def test_the_log_tells_the_line_of_a_mistake(served: Served, caplog):
    file = write(
        served,
        "acme/vendor.yaml",
        "name: Acme\nmodels:\n  acme-A: {}\n  acme-B:\n    colour: red\n",
    )
    served.ask(FILE)
    assert f"{file}:5: models.acme-B.colour: unknown member" in caplog.text

    write(served, "acme/vendor.yaml", "name: Acme\noui: [\n")
    served.ask(FILE)
    assert f"{file}:3: " in caplog.text


@pytest.mark.parametrize(
    "layer", ["models: [x]\n", "models: {yealink-A: {family: none}}\n", "user_agents: ['(']\n"]
)
def test_a_mistake_in_the_sites_part_of_a_shipped_vendor_leaves_the_shipped_part(
    served: Served, start, layer
):
    before = served.ask(FILE).data
    write(served, "yealink/vendor.yaml", layer)

    assert served.ask(FILE).data == before
    assert start().ask(FILE).data == before


def test_a_folder_that_others_borrow_from_may_be_broken(served: Served):
    write(served, "acme/vendor.yaml", ACME + "values_from: bcme\n")
    write(served, "bcme/vendor.yaml", "values: [x]\n")

    assert served.ask(FILE).status_code == 200
    assert "snom" in served.site.library.vendors


def test_a_broken_vendor_does_not_stop_the_start(start):
    first = start()
    write(first, "acme/vendor.yaml", "colour: red\n")
    first.register()

    assert start().ask(FILE).status_code == 200


FAILING = (
    "{{ phone.nothing }}", "{% for %}", "{{ 1/0 }}", "{{ variables.nothing }}",
    "{{ phone.accounts[99].username }}", "{{ 'x' | int + 'y' }}", "{% include 'gone.j2' %}",
    "{{ phone.line_keys | code('nothing') }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ range(10**9) | list }}", "{% extends 'gone.j2' %}", "{{ 'a'.encode('no-codec') }}",
    "{% include '../../../provisioning.sqlite' %}", "{{ variables.x.y.z }}",
)  # fmt: skip
ESCAPING = (
    "{{ phone.__class__ }}", "{{ phone['__class__'] }}", "{{ phone | attr('__class__') }}",
    "{{ phone.mac.__class__.__mro__ }}", "{{ ''.__class__ }}", "{{ ().__class__.__bases__ }}",
    "{{ phone.mac.parse.__globals__ }}", "{{ variables.__init__ }}", "{{ self.__init__ }}",
    "{{ model.__dataclass_fields__ }}", "{{ cycler.__init__.__globals__ }}",
    "{{ phone.__dict__ }}", "{{ '{0.__class__}'.format(phone) }}",
    "{{ '%s' | format(phone.__class__) }}", "{{ phone.accounts.__len__() }}",
    "{{ facts.clear() }}", "{{ variables.update({'a': 'b'}) }}",
    "{{ model.variables.clear() }}",
    "{{ model.facts.update(a=1) }}",
    "{{ config }}", "{{ request }}", "{{ import('os') }}", "{{ phone.mac._parse }}",
)  # fmt: skip


@pytest.mark.parametrize("templates", [FAILING, ESCAPING])
def test_a_template_that_fails_or_leaves_its_sandbox_hurts_only_its_own_phones(
    served: Served, templates
):
    """Nothing that an attribute of an attribute leads to can be read, nothing can be changed."""
    phone = door(served)
    for number, template in enumerate(templates):
        write(served, f"acme/t{number}.j2", template)
    not_refused = []
    for number, template in enumerate(templates):
        own = {"tmpl_phone": f"acme/t{number}.j2"}
        phones.change(served.site, DOOR, variables=own, by="tests")
        answer = served.ask(f"{phone.tok2}/door-{DOOR.bare}.txt")
        reason = served.last_request().reason or ""
        if answer.status_code != 500 or not reason.startswith("template acme/"):
            not_refused.append((template, answer.status_code, reason))

    assert not_refused == []
    phones.change(served.site, DOOR, variables={"tmpl_phone": None}, by="tests")
    assert "user201" in served.ask(f"{phone.tok2}/door-{DOOR.bare}.txt").text
    assert served.ask(FILE).status_code == 200


@pytest.mark.parametrize(
    "value", ["{{7*7}}", "{% raw %}", "{{ phone.admin_password }}", "${7*7}", "{# x #}", "{{", "%}"]
)
@pytest.mark.parametrize("mac", [YEALINK, SNOM])
def test_a_value_is_never_a_template(served: Served, value, mac):
    model = "yealink-T46" if mac is YEALINK else "snom-D785"
    variables = {**ACCOUNT, "account_display_name_1": value, "linekey_label_3": value,
                 "linekey_type_3": "blf", "linekey_value_3": "202"}  # fmt: skip
    if mac is YEALINK:
        phones.delete(YEALINK, by="tests")
    phone = served.register(mac, model, variables)
    extension = "cfg" if mac is YEALINK else "xml"

    assert value in served.ask(f"{phone.tok2}/{mac.bare}.{extension}").text


def test_a_template_sees_the_flat_settings_too(served: Served):
    phone = door(
        served, "{{ variables.account_username_1 }} {{ model.id }} {{ variables.language }}"
    )

    answer = served.ask(f"{phone.tok2}/door-{DOOR.bare}.txt")

    assert answer.text == "user201 acme-Door en"


def test_a_template_without_markup_is_delivered_as_it_is(served: Served):
    phone = door(served, "plain\r\ntext\n\n")

    assert served.ask(f"{phone.tok2}/door-{DOOR.bare}.txt").text.split() == ["plain", "text"]
