"""What a change would do, told before it is made."""

import pytest
from drafted import (
    FANVIL,
    SNOM,
    YEALINK,
    changed_lines,
    effect_on,
    effects_of,
    fetched,
    register,
    verdicts,
)

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    defaults,
    drafts,
    effects,
    files,
    layouts,
    links,
    models,
    phones,
    users,
)
from provisioning.services.errors import AlreadyExists, BadName, NotFound
from provisioning.services.layouts import Uses
from provisioning.services.secrets import MASK
from provisioning.store.database import version
from provisioning.store.tables import Change, Phone, Proof


def user(name, extension, group="sales"):
    users.create(users.NewUser(name, name.title(), extension, group=group), by="tests")


# Defaults


def test_a_default_that_a_nearer_layer_sets_touches_nothing(site):
    register(site, variables={"language": "de"})
    shown = effect_on(site, drafts.of_defaults(site, {"language": "it"}))
    assert (shown.effect.verdict, shown.diff, shown.effect.reboot) == ("hidden", None, False)
    [(change, reason)] = shown.effect.settings
    assert (reason.verdict, change.after.kind, change.after.id) == ("hidden", "phone", str(YEALINK))


def test_a_model_that_presets_a_setting_hides_the_default_on_its_phones(site):
    register(site)
    shown = effect_on(site, drafts.of_defaults(site, {"brightness": "3"}))
    [(change, _)] = shown.effect.settings
    assert (change.after.kind, change.after.id) == ("model", "yealink-T46")


def test_a_default_touches_exactly_the_phones_whose_template_reads_it(site):
    """Only Fanvil's templates of these know a text for the logo."""
    register(site)
    register(site, SNOM, "snom-D785")
    register(site, FANVIL, "fanvil-X4")
    found = effects_of(site, drafts.of_defaults(site, {"logo_text": "Example"}))
    assert found.verdicts == {"changes": 1, "ignored": 2}
    by_mac = {shown.effect.mac: shown for shown in found.phones}
    assert by_mac[str(FANVIL)].effect.verdict == "changes"
    for mac in (YEALINK, SNOM):
        [(_, reason)] = by_mac[str(mac)].effect.settings
        assert (reason.verdict, reason.code) == ("ignored", "no_effect")
        assert "does not read it" in reason.text
        assert by_mac[str(mac)].diff is None


def test_the_diff_shows_the_lines_that_change(site):
    register(site)
    shown = effect_on(site, drafts.of_defaults(site, {"language": "it"}))
    assert changed_lines(shown) == {
        "-lang.gui = English",
        "+lang.gui = Italian",
        "-lang.wui = English",
        "+lang.wui = Italian",
        "-ldap.customize_label = Phonebook",
        "+ldap.customize_label = Rubrica",
    }
    assert shown.diff.text.startswith("--- phone now\n+++ phone then\n")
    assert not shown.diff.cut


def test_the_value_that_phones_have_already_changes_nothing(site):
    register(site)
    now = defaults.get(site)["language"]
    assert effects_of(site, drafts.of_defaults(site, {"language": now})).total == 0


def test_a_default_that_is_taken_away_is_told_too(site):
    defaults.change(site, {"logo_text": "Example"}, by="tests")
    register(site, FANVIL, "fanvil-X4")
    register(site)
    found = effects_of(site, drafts.of_defaults(site, {"logo_text": None}))
    assert found.verdicts == {"changes": 1, "ignored": 1}
    [cause] = found.settings["logo_text"].causes
    assert cause.reason.code == "no_effect"


def test_of_several_settings_each_is_told_by_itself(site):
    register(site, variables={"timezone": "Europe/Rome"})
    draft = drafts.of_defaults(
        site, {"language": "it", "logo_text": "Example", "timezone": "Asia/Tokyo"}
    )
    shown = effect_on(site, draft)
    assert shown.effect.verdict == "changes"
    assert verdicts(shown) == {
        "language": "changes",
        "logo_text": "ignored",
        "timezone": "hidden",
    }


def test_a_file_that_was_not_uploaded_is_told_as_the_reason(site):
    register(site)
    shown = effect_on(site, drafts.of_defaults(site, {"background_file": "hall.png"}))
    [(_, reason)] = shown.effect.settings
    assert (shown.effect.verdict, reason.code) == ("ignored", "no_such_file")


def test_a_change_that_would_leave_a_phone_without_its_file_says_so(site):
    register(site)
    shown = effect_on(site, drafts.of_model(site, "yealink-T46", {"tmpl_phone": "gone.tmpl"}))
    assert (shown.effect.verdict, shown.diff) == ("fails", None)
    assert "'gone.tmpl', which does not exist" in shown.effect.detail


def test_a_phone_that_cannot_be_served_anyway_stays_without_a_file(site):
    unknown = MacAddress.parse("02-00-00-00-00-01")
    register(site, unknown, "")
    shown = effect_on(site, drafts.of_defaults(site, {"language": "it"}), unknown)
    assert (shown.effect.verdict, shown.diff) == ("ignored", None)
    assert "nothing tells the vendor" in shown.effect.detail


def test_what_the_phone_said_of_itself_decides_as_when_it_is_served(site):
    """With a model that nobody made, and a strange address, the user agent tells the template."""
    unknown = MacAddress.parse("02-00-00-00-00-01")
    register(site, unknown, "yealink-elsewhere")
    fetched(unknown, "Yealink SIP-T46S 66.86.0.15 02:00:00:00:00:01")
    shown = effect_on(site, drafts.of_defaults(site, {"language": "it"}), unknown)
    assert "+lang.gui = Italian" in changed_lines(shown)


# Secrets


def test_no_secret_and_no_token_stands_in_a_diff(site):
    register(site)
    user("anna", "201")
    links.link(YEALINK, "anna", by="tests")
    draft = drafts.of_phone(
        YEALINK,
        variables={
            "adminpw": "new-password",
            "account_password_2": "new-sip-secret",
            "account_username_2": "202",
            "hostname": "pbx2.example.org",
        },
    )
    shown = effect_on(site, draft)
    text = shown.diff.text
    details = phones.get(site, YEALINK)
    secrets = {
        "new-password",
        "new-sip-secret",
        details.tok1,
        details.tok2,
        *(value for name, value in details.effective.items() if site.catalogue.is_secret(name)),
    } - {""}
    assert not [secret for secret in secrets if secret in text]
    assert f"https://pbx2.example.org/provisioning/{MASK}" in text.replace("http:", "https:")


def test_a_secret_that_changes_is_seen_to_change(site):
    """Masked alike before and after, nothing would show that it does."""
    register(site)
    shown = effect_on(site, drafts.of_defaults(site, {"adminpw": "another-one"}))
    assert changed_lines(shown) == {
        f"-static.security.user_password = admin:{MASK}",
        f"+static.security.user_password = admin:{MASK} (new)",
    }


# Reboots


@pytest.mark.parametrize(
    ("model", "variables", "reboots"),
    [
        ("yealink-T46", {"vlan_id_phone": "12"}, True),
        ("yealink-T46", {"vlan_id_pcport": "12", "language": "it"}, True),
        ("yealink-T46", {"language": "it"}, False),
        # 0 is off, as it was: what changes the file is the language.
        ("yealink-T46", {"vlan_id_phone": "0", "language": "it"}, False),
        ("snom-D785", {"vlan_id_phone": "12"}, True),
        ("gigaset-Maxwell3", {"vlan_id_phone": "12"}, True),
    ],
)
def test_a_phone_restarts_for_a_vlan_and_not_for_a_language(site, model, variables, reboots):
    register(site, model=model)
    found = effects_of(site, drafts.of_defaults(site, variables))
    assert found.verdicts == {"changes": 1}
    assert found.reboots == int(reboots)
    assert found.phones[0].effect.reboot == reboots


def test_a_vlan_that_is_hidden_restarts_nothing(site):
    register(site, variables={"vlan_id_phone": "7"})
    found = effects_of(site, drafts.of_defaults(site, {"vlan_id_phone": "12", "language": "it"}))
    assert (found.verdicts, found.reboots) == ({"changes": 1}, 0)


def test_a_phone_restarts_for_firmware_and_not_for_its_end(site, tmp_path):
    for name in ("one.rom", "two.rom"):
        path = site.collection("firmware") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"firmware")
        assert files.path(site, "firmware", name)
    register(site)
    assert effects_of(
        site, drafts.of_phone(YEALINK, variables={"firmware_file": "one.rom"})
    ).reboots
    phones.change(site, YEALINK, variables={"firmware_file": "one.rom"}, by="tests")
    other, none, gone = (
        effects_of(site, drafts.of_phone(YEALINK, variables={"firmware_file": value}))
        for value in ("two.rom", "", "three.rom")
    )
    assert (other.verdicts, other.reboots) == ({"changes": 1}, 1)
    assert (none.verdicts, none.reboots) == ({"changes": 1}, 0)
    assert (gone.verdicts, gone.reboots) == ({"changes": 1}, 0)


def test_firmware_that_only_the_file_of_the_firmware_names_is_seen(site):
    """A Snom phone reads its firmware from a file of its own; its configuration stays the same."""
    for name in ("one.bin", "two.bin"):
        path = site.collection("firmware") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"firmware")
    register(site, SNOM, "snom-D785", {"firmware_file": "one.bin"})
    shown = effect_on(site, drafts.of_phone(SNOM, variables={"firmware_file": "two.bin"}), SNOM)
    assert (shown.effect.verdict, shown.effect.reboot) == ("changes", True)
    assert shown.diff.text.startswith("--- firmware now\n+++ firmware then\n")


# Phones that are alike


def test_a_setting_beside_an_empty_account_is_not_judged_like_one_in_use(site):
    other = MacAddress.parse("00-15-65-AA-BB-02")
    register(site, YEALINK, variables={"account_username_1": "201"})
    register(site, other, variables={"account_username_1": ""})
    found = effects_of(site, drafts.of_defaults(site, {"account_dtmf_type_1": "sip_info"}))
    by_mac = {shown.effect.mac: shown.effect.verdict for shown in found.phones}
    assert by_mac == {str(YEALINK): "changes", str(other): "ignored"}


# Models


def test_a_model_concerns_its_phones_alone(site):
    register(site)
    register(site, SNOM, "snom-D785")
    register(site, MacAddress.parse("00-15-65-AA-BB-02"), variables={"brightness": "1"})
    found = effects_of(site, drafts.of_model(site, "yealink-T46", {"brightness": "3"}))
    assert found.verdicts == {"changes": 1, "hidden": 1}


def test_a_model_that_sets_what_the_defaults_have_leaves_its_phones_the_same(site):
    register(site)
    now = defaults.get(site)["language"]
    shown = effect_on(site, drafts.of_model(site, "yealink-T46", {"language": now}))
    assert shown.effect.verdict == "same"
    [(change, reason)] = shown.effect.settings
    assert (reason.verdict, change.after.kind) == ("same", "model")


def test_a_model_that_returns_to_what_is_shipped_shows_it(site):
    models.change(site, "yealink-T46", variables={"brightness": "3"}, by="tests")
    register(site)
    shown = effect_on(site, drafts.of_model(site, "yealink-T46", {"brightness": None}))
    [(change, _)] = shown.effect.settings
    assert change.values == ("3", "8")


def test_a_model_that_is_not_there_has_no_draft(site):
    with pytest.raises(NotFound):
        drafts.of_model(site, "yealink-T999", {})


# Layouts

BLF_3 = {"linekey_type_3": "blf", "linekey_value_3": "202", "linekey_label_3": "Berta"}


def test_a_new_layout_touches_what_it_is_applied_to(site):
    register(site, tags=("hall",))
    register(site, SNOM, "snom-D785")
    register(site, FANVIL, "fanvil-X4")
    uses = Uses(tags=("hall",), phones=(str(SNOM),))
    found = effects_of(site, drafts.of_layout(site, "Hall", new=True, variables=BLF_3, uses=uses))
    assert found.verdicts == {"changes": 2}
    assert {shown.effect.mac for shown in found.phones} == {str(YEALINK), str(SNOM)}


def test_a_layout_that_is_applied_elsewhere_touches_both_the_old_and_the_new_phones(site):
    register(site)
    register(site, SNOM, "snom-D785")
    before = Uses(models=("yealink-T46",))
    layouts.create(site, "Hall", variables=BLF_3, uses=before, by="tests")
    found = effects_of(site, drafts.of_layout(site, "Hall", uses=Uses(models=("snom-D785",))))
    assert found.verdicts == {"changes": 2}
    losing = next(s for s in found.phones if s.effect.mac == str(YEALINK))
    assert {change.values for change, _ in losing.effect.settings} == {
        ("blf", None),
        ("202", None),
        ("Berta", None),
    }


def test_a_key_beyond_those_of_the_model_is_ignored_whole_with_the_number_it_has(site):
    register(site)
    variables = {**BLF_3, "linekey_type_28": "blf", "linekey_value_28": "203"}
    shown = effect_on(
        site,
        drafts.of_layout(
            site, "Hall", new=True, variables=variables, uses=Uses(models=("yealink-T46",))
        ),
    )
    assert shown.effect.verdict == "changes"
    beyond = {c.name: r for c, r in shown.effect.settings if c.name.endswith("_28")}
    assert {(r.verdict, r.code, r.text) for r in beyond.values()} == {
        ("ignored", "no_such_key", "the model has 27 such keys")
    }
    assert verdicts(shown)["linekey_type_3"] == "changes"


def test_a_layout_of_a_tag_hides_the_same_key_of_a_layout_of_the_model(site):
    register(site, tags=("hall",))
    layouts.create(
        site, "Hall", variables={"linekey_type_3": "dnd"}, uses=Uses(tags=("hall",)), by="tests"
    )
    draft = drafts.of_layout(
        site,
        "All",
        new=True,
        variables={"linekey_type_3": "blf"},
        uses=Uses(models=("yealink-T46",)),
    )
    shown = effect_on(site, draft)
    [(change, _)] = shown.effect.settings
    assert shown.effect.verdict == "hidden"
    assert (change.after.kind, change.after.id) == ("layout", "Hall")


def test_a_run_for_a_group_leaves_out_each_phones_own_user(site):
    user("anna", "201")
    user("berta", "202")
    register(site)
    register(site, SNOM, "snom-D785")
    links.link(YEALINK, "anna", by="tests")
    draft = drafts.of_layout(
        site,
        "Sales",
        new=True,
        fills=[Fill("linekey", 2, 3, "sales", "name")],
        uses=Uses(models=("yealink-T46", "snom-D785")),
    )
    found = {s.effect.mac: s for s in effects_of(site, draft).phones}
    filled = {
        mac: [change.values[1] for change, _ in s.effect.settings if "_value_" in change.name]
        for mac, s in found.items()
    }
    assert filled == {str(YEALINK): ["202", ""], str(SNOM): ["201", "202"]}


def test_a_reference_to_a_person_is_told_with_what_it_fills_in(site):
    user("anna", "201")
    register(site)
    variables = {"linekey_type_3": "blf", "linekey_person_3": "anna"}
    draft = drafts.of_layout(
        site, "Hall", new=True, variables=variables, uses=Uses(models=("yealink-T46",))
    )
    shown = effect_on(site, draft)
    assert verdicts(shown) == dict.fromkeys(
        ("linekey_type_3", "linekey_value_3", "linekey_label_3", "linekey_person_3"), "changes"
    )


def test_a_reference_beside_a_typed_value_and_label_changes_nothing(site):
    user("anna", "201")
    layouts.create(site, "Hall", variables=BLF_3, uses=Uses(models=("yealink-T46",)), by="tests")
    register(site)
    draft = drafts.of_layout(site, "Hall", variables={**BLF_3, "linekey_person_3": "anna"})
    shown = effect_on(site, draft)
    [(_, reason)] = shown.effect.settings
    assert (shown.effect.verdict, reason.text) == (
        "ignored",
        "value and label of the key were typed by hand",
    )


def test_a_layout_draft_is_refused_as_the_layout_would_be(site):
    register(site)
    layouts.create(site, "Hall", variables=BLF_3, by="tests")
    with pytest.raises(AlreadyExists):
        drafts.of_layout(site, "Hall", new=True)
    with pytest.raises(NotFound):
        drafts.of_layout(site, "Elsewhere")
    with pytest.raises(BadName):
        drafts.of_layout(site, "!", new=True)
    with pytest.raises(NotFound):
        drafts.of_layout(site, "Hall", uses=Uses(models=("yealink-T999",)))
    with pytest.raises(BadName):
        drafts.of_layout(site, "Hall", fills=[Fill("linekey", 3, 1, "sales", "name")])


# Phones


def test_another_model_shows_what_the_phone_would_get(site):
    register(site)
    shown = effect_on(site, drafts.of_phone(YEALINK, model="yealink-T19"))
    assert (shown.effect.verdict, shown.effect.model) == ("changes", "yealink-T19")
    assert "-linekey.27.type = 0" in changed_lines(shown)


def test_another_model_of_the_same_hardware_changes_no_file(site):
    models.create(
        site,
        "yealink-T46-hall",
        display_name="Hall",
        base="yealink-T46",
        own_differences={},
        by="tests",
    )
    register(site)
    shown = effect_on(site, drafts.of_phone(YEALINK, model="yealink-T46-hall"))
    assert (shown.effect.verdict, shown.effect.settings) == ("ignored", ())


def test_a_tag_brings_the_layouts_that_are_applied_to_it(site):
    register(site, tags=("ward",))
    layouts.create(site, "Hall", variables=BLF_3, uses=Uses(tags=("hall",)), by="tests")
    shown = effect_on(site, drafts.of_phone(YEALINK, tags=[" hall ", "ward"]))
    assert {"+linekey.3.type = 16", "+linekey.3.value = 202"} < changed_lines(shown)


def test_a_tag_without_a_layout_has_nothing_to_do_with_the_file(site):
    register(site)
    assert effects_of(site, drafts.of_phone(YEALINK, tags=["hall"])).total == 0


def test_an_account_of_a_link_hides_the_phones_own(site):
    user("anna", "201")
    register(site)
    link = links.link(YEALINK, "anna", by="tests")
    shown = effect_on(site, drafts.of_phone(YEALINK, variables={"account_username_1": "999"}))
    [(change, _)] = shown.effect.settings
    assert (shown.effect.verdict, change.after.kind) == ("hidden", "link")
    assert change.after.id == str(link.number)


def test_a_phone_that_is_not_there_has_no_draft(site):
    with pytest.raises(NotFound):
        drafts.of_phone(YEALINK)


# The whole


def test_nothing_is_written(site):
    register(site, tags=("hall",))
    before = (version(), Change.select().count(), list(Phone.select().dicts()))
    proofs = list(Proof.select().dicts())
    for draft in (
        drafts.of_defaults(site, {"language": "it"}),
        drafts.of_model(site, "yealink-T46", {"brightness": "3"}),
        drafts.of_layout(site, "L", new=True, variables=BLF_3, uses=Uses(tags=("hall",))),
        drafts.of_phone(YEALINK, model="yealink-T48", variables={"language": "it"}, tags=[]),
    ):
        assert effects_of(site, draft).verdicts == {"changes": 1}
    assert (version(), Change.select().count(), list(Phone.select().dicts())) == before
    assert list(Proof.select().dicts()) == proofs


def test_a_page_shows_the_phones_of_a_verdict_in_order_and_tells_how_many_there_are(site):
    for n in range(1, 6):
        own = {"language": "de"} if n == 3 else {}
        register(site, MacAddress.parse(f"00-15-65-AA-BB-0{n}"), variables=own)
    draft = drafts.of_defaults(site, {"language": "it"})
    found = effects.effects(site, draft, verdict="changes", offset=1, limit=2)
    assert (found.total, found.verdicts) == (4, {"changes": 4, "hidden": 1})
    assert [shown.effect.mac[-2:] for shown in found.phones] == ["02", "04"]
    assert effects.effects(site, draft, reboot=True).total == 0
    assert effects.effects(site, draft, reboot=False).total == 5


def test_reasons_are_counted_by_layer_and_not_by_phone(site):
    for n in range(1, 4):
        register(site, MacAddress.parse(f"00-15-65-AA-BB-0{n}"), variables={"language": "de"})
    models.change(site, "snom-D785", variables={"language": "fr"}, by="tests")
    register(site, SNOM, "snom-D785")
    found = effects_of(site, drafts.of_defaults(site, {"language": "it"}))
    tally = found.settings["language"]
    assert tally.verdicts == {"hidden": 4}
    assert {(cause.kind, cause.id, n) for cause, n in tally.causes.items()} == {
        ("phone", None, 3),
        ("model", "snom-D785", 1),
    }


def test_a_long_diff_ends_with_a_whole_line_and_says_so(site):
    register(site)
    variables = {
        f"expkey_{member}_{n}": "blf" if member == "type" else "x" * 100
        for n in range(1, 181)
        for member in ("type", "value", "label")
    }
    shown = effect_on(site, drafts.of_phone(YEALINK, variables=variables))
    assert shown.diff.cut
    assert 19_000 < len(shown.diff.text) <= 20_001
    assert shown.diff.text.endswith("\n")
