import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from php_ini_writer import write

from provisioning.tancredi.datadir import DataDirectoryError, Scope, read

EXAMPLE = Path(__file__).parents[3] / "shared" / "data" / "tancredi-site"
PHONE = "00-15-65-AA-BB-01"


@pytest.fixture
def site(tmp_path):
    """A data directory without content; ``put(path, text)`` adds a file."""
    return Site(tmp_path / "data")


class Site:
    def __init__(self, root: Path):
        self.root = root
        (root / "scopes").mkdir(parents=True)

    def put(self, path, content):
        file = self.root / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def scope(self, scope_id, kind=None, data=None, **metadata):
        metadata |= {"scopeType": kind} if kind else {}
        return self.put(f"scopes/{scope_id}.ini", write({"metadata": metadata, "data": data or {}}))

    def phone(self, scope_id=PHONE, data=None, **metadata):
        return self.scope(scope_id, "phone", data, **metadata)

    def read(self):
        return read(self.root)

    def scopes(self):
        return {scope.id: scope for scope in self.read().scopes}

    def findings(self):
        return [(found.where, found.severity) for found in self.read().findings]


# The whole


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason="the example site is not here")
def test_the_example_site_is_read_whole():
    data = read(EXAMPLE)
    kinds = [scope.kind for scope in data.scopes]
    assert (kinds.count("defaults"), kinds.count("model"), kinds.count("phone")) == (1, 3, 60)
    assert len([token for token in data.tokens if token.kind == 2]) == 60
    assert len([token for token in data.tokens if token.kind == 1]) == 20
    assert {asset.collection for asset in data.assets} == {
        "backgrounds",
        "firmware",
        "ringtones",
        "screensavers",
    }
    assert data.patterns[0].scope_id == "C0-74-AD-$1-$2-$3"
    assert data.scopes[0].variables["ldap_password"] == 'lib;ro"rubrica'
    assert data.findings == ()
    assert [template.name for template in data.custom_templates] == ["wp810.tmpl"]


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason="the example site is not here")
def test_reading_changes_nothing_on_disk(tmp_path):
    copy = shutil.copytree(EXAMPLE, tmp_path / "copy")
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    read(copy)
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before


def test_an_empty_site_is_a_site(site):
    data = site.read()
    assert data.scopes == data.tokens == data.assets == data.findings == ()


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_another_directory_is_refused_with_what_it_lacks(tmp_path, path):
    with pytest.raises(DataDirectoryError, match='no folder "scopes"'):
        read(tmp_path / path)


# Scopes


def test_a_phone_is_read_with_its_model_and_settings(site):
    site.phone(
        data={"account_extension_1": "204", "account_display_name_1": "Front desk <204>"},
        displayName="Yealink",
        inheritFrom="yealink-T46-reception",
        last_edit_time="1767225600",
        last_read_time="1767225601",
    )
    assert site.read().scopes == (
        Scope(
            id=PHONE,
            kind="phone",
            display_name="Yealink",
            parent="yealink-T46-reception",
            variables={
                "account_extension_1": "204",
                "account_display_name_1": "Front desk <204>",
            },
            file=f"{PHONE}.ini",
        ),
    )
    assert site.findings() == []


@given(
    data=st.dictionaries(
        st.from_regex(r"x_[a-z0-9]{1,8}", fullmatch=True),
        st.text("aé;=['# \n09") | st.sampled_from(["", "5", "UTC"]),
    )
)
def test_settings_come_back_as_tancredi_wrote_them(tmp_path_factory, data):
    data = {
        name: text for name, text in data.items() if not text.strip().isdigit() or text.isdigit()
    }
    site = Site(tmp_path_factory.mktemp("site"))
    site.phone(data=data)
    assert site.scopes()[PHONE].variables == data


@pytest.mark.parametrize(
    ("scope_id", "kind"),
    [("defaults", "defaults"), (PHONE, "phone"), ("yealink-T46", "model")],
)
def test_the_kind_is_guessed_where_the_file_does_not_tell(site, scope_id, kind):
    site.scope(scope_id, displayName="old")
    assert site.scopes()[scope_id].kind == kind
    assert site.findings() == []


def test_forged_metadata_cannot_make_a_phone_into_the_defaults(site):
    r"""A label with ``\"`` and a line break rewrote the metadata of its own scope."""
    site.phone(data={"label": 'x\\"\n[metadata]\nscopeType = defaults\n[data]\na = b\n;'})
    (scope,) = site.read().scopes
    assert (scope.id, scope.kind) == (PHONE, "phone")
    texts = [found.text for found in site.read().findings]
    assert any("second section [metadata]" in text for text in texts)
    assert any("calls itself 'defaults'" in text for text in texts)


def test_a_reference_to_the_environment_stays_as_written(site, monkeypatch):
    """PHP put the variable's value in its place and Tancredi's API told it."""
    monkeypatch.setenv("HOME", "/home/leaked")
    site.phone(data={"linekey_label_1": "${HOME}"})
    assert site.scopes()[PHONE].variables == {"linekey_label_1": "${HOME}"}


def test_a_phone_is_known_by_its_address_in_capitals(site):
    site.phone("001565aabb01")
    assert list(site.scopes()) == [PHONE]
    assert site.findings() == [("scopes/001565aabb01.ini", "info")]


@pytest.mark.parametrize("other", ["00-15-65-aa-bb-01", "00:15:65:AA:BB:01", PHONE + " "])
def test_of_two_files_for_a_phone_the_one_tancredi_used_stands(site, other):
    """In Tancredi a blank or a small letter made a second phone that nobody could address."""
    site.phone(other, data={"a": "other"})
    site.phone(PHONE, data={"a": "used"})
    assert site.scopes()[PHONE].variables == {"a": "used"}
    assert (f"scopes/{other}.ini", "error") in site.findings()


def test_a_phone_under_a_name_that_is_no_address_is_left_out(site):
    site.phone("reception")
    assert site.findings() == [("scopes/reception.ini", "error")]


def test_a_model_whose_name_cannot_be_in_an_address_is_left_out(site):
    site.scope("yealink-T46 copy", "model")
    assert site.scopes() == {}
    assert site.findings() == [("scopes/yealink-T46 copy.ini", "error")]


def test_one_broken_file_costs_only_itself(site):
    """One unreadable scope took the whole inventory down (seen in Tancredi)."""
    site.put("scopes/00-15-65-AA-BB-02.ini", '[data]\npassword = "geheim\\"\nx"\n')
    site.phone()
    assert list(site.scopes()) == [PHONE]
    (found,) = site.read().findings
    assert (found.where, found.severity) == ("scopes/00-15-65-AA-BB-02.ini", "error")
    assert found.text.startswith("Line ")
    assert "geheim" not in found.text


def test_a_scope_cut_short_by_a_write_is_told(site):
    site.put(f"scopes/{PHONE}.ini", "")
    assert site.scopes()[PHONE].variables == {}
    assert site.findings() == [(f"scopes/{PHONE}.ini", "warning")]


def test_text_that_is_not_utf_8_is_read_as_latin_1(site):
    site.put(
        f"scopes/{PHONE}.ini", '[metadata]\ndisplayName = "Ufficio qualità"\n'.encode("latin-1")
    )
    assert site.scopes()[PHONE].display_name == "Ufficio qualità"


@pytest.mark.parametrize("name", ["1", "a b", "é", "#a", "a'b", "-a"])
def test_a_setting_with_an_impossible_name_is_dropped_and_told(site, name):
    site.put(
        f"scopes/{PHONE}.ini",
        f"[metadata]\ninheritFrom =\nscopeType = phone\n[data]\n{name} = 1\nb = 2\n",
    )
    assert site.scopes()[PHONE].variables == {"b": "2"}
    (found,) = site.read().findings
    assert found.text.startswith(f"Left out: {name}.")


@pytest.mark.parametrize(
    "name", [".gitignore", ".x.ini", "defaults.ini~", "defaults.INI", "README"]
)
def test_other_files_among_the_scopes_are_ignored(site, name):
    site.put(f"scopes/{name}", "not = even ( ini")
    data = site.read()
    assert data.scopes == data.findings == ()


def test_the_old_log_of_unknown_phones_is_ignored(site):
    site.put("not_found_scopes", '{"00-15-65-AA-BB-09": 1580000000}')
    data = site.read()
    assert data.scopes == data.findings == ()


# Migrations


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("yealink-T19P_E2", "yealink-T19"),
        ("yealink-T40PG", "yealink-T40"),
        ("yealink-T46GS", "yealink-T46"),
    ],
)
def test_before_step_1_yealink_models_get_their_new_names(site, old, new):
    site.scope("defaults", "defaults")
    site.scope(old, "model", {"a": "1"})
    site.phone(inheritFrom=old)
    scopes = site.scopes()
    assert scopes[new].variables == {"a": "1"}
    assert scopes[new].file == f"{old}.ini"
    assert scopes[PHONE].parent == new
    assert old not in scopes


def test_after_step_1_a_model_with_an_old_name_is_the_sites_own(site):
    site.scope("defaults", "defaults", version="4")
    site.scope("yealink-T46GS", "model")
    site.phone(inheritFrom="yealink-T46GS")
    site.phone("00-15-65-AA-BB-02", inheritFrom="yealink-T48GS")
    scopes = site.scopes()
    assert scopes[PHONE].parent == "yealink-T46GS" in scopes
    assert scopes["00-15-65-AA-BB-02"].parent == "yealink-T48"


def test_a_copy_of_a_renamed_model_keeps_its_name(site):
    site.scope("yealink-T46GS-hotel", "model")
    site.phone(inheritFrom="yealink-T46GS-hotel")
    assert site.scopes()[PHONE].parent == "yealink-T46GS-hotel" in site.scopes()


def test_a_new_name_that_is_taken_is_not_overwritten(site):
    site.scope("yealink-T46GS", "model", {"a": "old"})
    site.scope("yealink-T46", "model", {"a": "new"})
    site.phone(inheritFrom="yealink-T46GS")
    scopes = site.scopes()
    assert scopes["yealink-T46"].variables == {"a": "new"}
    assert scopes[PHONE].parent == "yealink-T46"
    assert ("scopes/yealink-T46GS.ini", "error") in site.findings()


@pytest.mark.parametrize(
    ("version", "firmware", "expected"),
    [
        (None, "nethesis-firmware.tmpl", "nethesis-firmware-v2.tmpl"),
        ("13", "nethesis-firmware-v2.tmpl", "nethesis-firmware-v2.tmpl"),
        ("13", "site-firmware.tmpl", "site-firmware.tmpl"),
    ],
)
def test_the_second_npx5_becomes_the_npx5(site, version, firmware, expected):
    """Step 14 for a site that never changed the NP-X5 itself."""
    data = {"tmpl_phone": "nethesis.tmpl", "tmpl_firmware": firmware, "brightness": "2"}
    metadata = {"displayName": "Nethesis NP-X5 v2"} | ({"version": version} if version else {})
    site.scope("nethesis-NPX5v2", "model", data, **metadata)
    site.phone("E0-E6-56-00-00-01", inheritFrom="nethesis-NPX5v2")
    scopes = site.scopes()
    assert "nethesis-NPX5v2" not in scopes
    assert scopes["E0-E6-56-00-00-01"].parent == "nethesis-NPX5"
    assert scopes["nethesis-NPX5"].display_name == "Nethesis NP-X5"
    assert scopes["nethesis-NPX5"].variables == {
        "tmpl_phone": "nethesis.tmpl",
        "tmpl_firmware": "nethesis-firmware.tmpl",
        "tmpl_firmware_v2": expected,
        "brightness": "2",
    }


def test_where_both_npx5_were_changed_the_first_stands(site):
    site.scope("nethesis-NPX5v2", "model", {"brightness": "2", "contrast": "3", "same": "1"})
    site.scope(
        "nethesis-NPX5",
        "model",
        {"brightness": "9", "same": "1"},
        displayName="Camere",
        version="12",
    )
    npx5 = site.scopes()["nethesis-NPX5"]
    assert npx5.display_name == "Camere"
    assert npx5.variables == {
        "brightness": "9",
        "same": "1",
        "contrast": "3",
        "tmpl_firmware_v2": "nethesis-firmware-v2.tmpl",
    }
    warnings = [found.text for found in site.read().findings if found.severity == "warning"]
    assert len(warnings) == 1
    assert "brightness" in warnings[0]


def test_a_changed_npx5_gets_the_firmware_of_the_second(site):
    site.scope("nethesis-NPX5", "model", {"tmpl_firmware": "nethesis-firmware.tmpl"})
    assert site.scopes()["nethesis-NPX5"].variables == {
        "tmpl_firmware": "nethesis-firmware.tmpl",
        "tmpl_firmware_v2": "nethesis-firmware-v2.tmpl",
    }


def test_a_site_without_a_second_npx5_gets_no_npx5(site):
    site.phone()
    assert list(site.scopes()) == [PHONE]


def test_a_copy_of_the_second_npx5_gets_its_firmware(site):
    """NethVoice 15."""
    site.scope("nethesis-NPX5v2-hotel", "model", {"a": "1"})
    assert site.scopes()["nethesis-NPX5v2-hotel"].variables == {
        "a": "1",
        "tmpl_firmware_v2": "nethesis-firmware-v2.tmpl",
    }


def test_quotes_that_an_upgrade_left_in_a_list_are_removed(site):
    """Step 3 stored the text ``"-1,0"`` with its quotes."""
    site.scope("gigaset-Maxwell3-hall", "model", {"cap_ringtone_blacklist": '"-1,0"'})
    scope = site.scopes()["gigaset-Maxwell3-hall"]
    assert scope.variables == {"cap_ringtone_blacklist": "-1,0"}
    assert site.findings() == [("gigaset-Maxwell3-hall", "info")]


def test_pickup_on_a_sangoma_is_group_pickup(site):
    """Step 4 wrote a type that no template knows."""
    keys = {"softkey_type_3": "pickup", "softkey_label_3": "pickup", "linekey_type_1": "pickup"}
    site.scope("sangoma-S500-hotel", "model", keys)
    site.phone("00-50-58-00-00-01", data=keys, inheritFrom="sangoma-S500")
    site.phone(data=keys, inheritFrom="akuvox-R50P")
    scopes = site.scopes()
    repaired = keys | {"softkey_type_3": "group_pickup"}
    assert scopes["sangoma-S500-hotel"].variables == repaired
    assert scopes["00-50-58-00-00-01"].variables == repaired
    assert scopes[PHONE].variables == keys


# Tokens

OLD, NEW = "123456789abc0.12345678", "18204417366afe09c41b7d2403951627"


def test_tokens_with_and_without_a_dot_are_read(site):
    site.phone()
    site.put(f"tokens/{NEW}", PHONE)
    site.put(f"first_access_tokens/{OLD}", f" {PHONE.lower()}\n")
    site.put("tokens/.gitignore", "*")
    tokens = site.read().tokens
    assert [(token.text, token.kind) for token in tokens] == [(OLD, 1), (NEW, 2)]
    assert {token.scope_id for token in tokens} == {PHONE}
    assert site.findings() == []


def test_all_permanent_tokens_of_a_phone_stay_in_byte_order(site):
    site.phone()
    for text in ("bbb222bbb222", "BBB222BBB222", "aaa111aaa111"):
        site.put(f"tokens/{text}", PHONE)
    assert [token.text for token in site.read().tokens] == [
        "BBB222BBB222",
        "aaa111aaa111",
        "bbb222bbb222",
    ]
    assert site.findings() == [(PHONE, "info")]


def test_of_several_tokens_for_first_access_the_first_stays(site):
    site.phone()
    site.put("first_access_tokens/bbb222bbb222", PHONE)
    site.put("first_access_tokens/aaa111aaa111", PHONE)
    assert [token.text for token in site.read().tokens] == ["aaa111aaa111"]
    assert site.findings() == [("first_access_tokens/bbb222…", "warning")]


def test_a_token_in_both_folders_is_one_for_first_access(site):
    site.phone()
    site.phone("00-15-65-AA-BB-02")
    site.put(f"first_access_tokens/{NEW}", PHONE)
    site.put(f"tokens/{NEW}", "00-15-65-AA-BB-02")
    assert [(token.kind, token.scope_id) for token in site.read().tokens] == [(1, PHONE)]


@pytest.mark.parametrize("content", ["00-15-65-AA-BB-09", "yealink-T46", "", "../../etc/passwd"])
def test_a_token_without_a_phone_is_dropped_and_told(site, content):
    site.scope("yealink-T46", "model")
    site.put(f"tokens/{NEW}", content)
    assert site.read().tokens == ()
    assert site.findings() == [("tokens/182044…", "warning")]


@pytest.mark.parametrize("text", ["a b", "tök", "a~b", "a\n"])
def test_a_token_with_other_characters_is_left_out(site, text):
    site.phone()
    site.put(f"tokens/{text}", PHONE)
    assert site.read().tokens == ()
    assert [severity for _, severity in site.findings()] == ["error"]


def test_no_finding_gives_a_token_away(site):
    site.put(f"tokens/{NEW}", "nobody")
    site.put(f"tokens/{NEW}!", "nobody")
    site.put(f"first_access_tokens/{OLD}", "nobody")
    assert len(site.read().findings) == 3
    for found in site.read().findings:
        assert NEW[:8] not in f"{found}"
        assert OLD[:8] not in f"{found}"


# Files


def test_uploaded_files_are_listed_with_their_size(site):
    file = site.put("ringtones/Bell_(1).wav", b"1234")
    site.put("ringtones/.gitignore", "*")
    site.put("elsewhere/x.wav", "1")
    (asset,) = site.read().assets
    assert (asset.collection, asset.name, asset.size) == ("ringtones", "Bell_(1).wav", 4)
    assert asset.path.samefile(file)


@pytest.mark.parametrize("name", ["my bell.wav", "città.wav", "a&b.wav"])
def test_a_file_whose_name_no_phone_can_ask_for_is_told(site, name):
    site.put(f"ringtones/{name}", "1")
    assert site.read().assets == ()
    assert site.findings() == [(f"ringtones/{name}", "error")]


def test_a_name_that_is_not_utf_8_is_told(site):
    (site.root / "firmware").mkdir()
    Path(os.fsdecode(os.fsencode(site.root) + b"/firmware/x\xff.rom")).write_bytes(b"1")
    (found,) = site.read().findings
    assert found.severity == "error"
    assert found.where.encode()


def test_a_folder_among_the_files_is_told(site):
    (site.root / "firmware" / "old").mkdir(parents=True)
    assert site.read().assets == ()
    assert site.findings() == [("firmware/old", "warning")]


@pytest.mark.parametrize(
    "link",
    [
        f"scopes/{PHONE}.ini",
        f"tokens/{NEW}",
        "firmware/x.rom",
        "patterns.d/x.ini",
        "templates-custom/x.tmpl",
    ],
)
def test_a_link_that_leads_out_is_not_followed(site, tmp_path, link):
    outside = tmp_path / "outside"
    outside.write_text("[metadata]\nscopeType = phone\n")
    (site.root / link).parent.mkdir(exist_ok=True)
    (site.root / link).symlink_to(outside)
    data = site.read()
    assert data.scopes == data.tokens == data.assets == data.patterns == data.custom_templates == ()
    (found,) = data.findings
    assert found.severity == "error"
    assert "was not followed" in found.text


def test_a_folder_that_leads_out_is_not_followed(site, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.rom").write_text("1")
    (site.root / "firmware").symlink_to(tmp_path / "outside")
    assert site.read().assets == ()
    assert site.findings() == [("firmware", "error")]


def test_a_link_cannot_publish_the_passwords_next_door(site):
    site.scope("defaults", "defaults", {"adminpw": "x"})
    (site.root / "backgrounds").mkdir()
    (site.root / "backgrounds" / "x.png").symlink_to("../scopes/defaults.ini")
    assert site.read().assets == ()


def test_a_link_within_its_folder_is_a_file(site):
    site.put("firmware/v2.rom", "1")
    (site.root / "firmware" / "latest.rom").symlink_to("v2.rom")
    (site.root / "firmware" / "circle.rom").symlink_to("circle.rom")
    assert [asset.name for asset in site.read().assets] == ["latest.rom", "v2.rom"]
    assert site.findings() == [("firmware/circle.rom", "error")]


def test_the_directory_itself_may_be_a_link(site, tmp_path):
    site.phone()
    (tmp_path / "link").symlink_to(site.root)
    assert [scope.id for scope in read(tmp_path / "link").scopes] == [PHONE]


# Rules and templates


def test_rules_are_read_in_the_order_in_which_they_are_tried(site):
    site.put("patterns.d/b.ini", '[first]\npattern = "b\\.xml"\ntemplate = tmpl_phone\n')
    site.put(
        "patterns.d/a.ini",
        '[z]\npattern = "a(..)\\.cfg"\nscopeid = "00-0B-82-$1"\ntemplate = "tmpl_phone"\n'
        'content_type = "text/xml; charset=utf-8"\n'
        '[y]\npattern = "y"\ntemplate = "tmpl_firmware"\n',
    )
    rules = site.read().patterns
    assert [(rule.file, rule.name, rule.pattern) for rule in rules] == [
        ("a.ini", "z", r"a(..)\.cfg"),
        ("a.ini", "y", "y"),
        ("b.ini", "first", r"b\.xml"),
    ]
    assert rules[0].scope_id == "00-0B-82-$1"
    assert rules[0].content_type == "text/xml; charset=utf-8"
    assert rules[1].content_type == "text/plain; charset=utf-8"
    assert rules[1].scope_id == ""


def test_a_rule_file_that_replaced_a_shipped_one_is_told(site):
    site.put("patterns.d/fanvil.ini", '[x]\npattern = "x"\ntemplate = "tmpl_phone"\n')
    assert len(site.read().patterns) == 1
    assert site.findings() == [("patterns.d/fanvil.ini", "warning")]


@pytest.mark.parametrize("rule", ['pattern = "x"', 'template = "tmpl_phone"', "pattern = (x)"])
def test_a_rule_that_cannot_work_is_told(site, rule):
    site.put("patterns.d/a.ini", f"[x]\n{rule}\n")
    assert site.read().patterns == ()
    assert site.findings() == [("patterns.d/a.ini", "error")]


def test_a_template_of_the_site_names_the_scopes_that_use_it(site):
    site.put("templates-custom/reception.tmpl", "{{ name }}")
    site.put("templates-custom/unused.tmpl", "")
    site.scope("yealink-T46-reception", "model", {"tmpl_phone": "reception.tmpl"})
    site.phone(data={"tmpl_firmware": "reception.tmpl", "note": "unused.tmpl"})
    used = {template.name: template.used_by for template in site.read().custom_templates}
    assert used == {"reception.tmpl": ("yealink-T46-reception", PHONE), "unused.tmpl": ()}
