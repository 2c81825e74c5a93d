"""Files and dialogues for people: no secret in them, known or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_entries import LIBRARY, RENDERER, configured, port, rendered
from provisioning.engine.gateways.commands import Load, commands, dry_run
from provisioning.engine.gateways.masking import MASK, Masker, diff
from provisioning.engine.gateways.parameters import NotTypable, Parameter

PATTON, GRANDSTREAM = LIBRARY.brands["patton"], LIBRARY.brands["grandstream"]
URL = "https://pbx.example.org/provisioning/s3cretT0ken"
FXO, HT802 = "patton-trinity-fxo-2", "grandstream-ht802"


def secrets_of(model: str, **changes) -> tuple[str, ...]:
    return configured(model, **changes).secrets


@pytest.mark.parametrize("kind", ["text", "xml"])
@pytest.mark.parametrize("model", ["grandstream-ht802", "grandstream-gxw4248"])
def test_the_secrets_of_a_grandstream_are_found_by_their_parameters(model, kind):
    changes = {"provisioning_url": URL, "user_password": "UserPass1"}
    text = rendered(model, kind, **changes)
    masked = Masker(GRANDSTREAM).mask(text)

    found = secrets_of(model, **changes)
    assert len(found) == LIBRARY.models[model].ports + 3
    assert all(secret in text for secret in found)
    assert not [secret for secret in found if secret in masked]
    assert masked.count(MASK) == len(found)
    assert "pbx.example.org" in masked


def test_the_secrets_of_a_patton_are_found_by_the_word_before_them():
    text = rendered(FXO)
    masked = Masker(PATTON).mask(text)

    assert not [secret for secret in secrets_of(FXO) if secret in masked]
    assert masked.count(MASK) == 3
    assert "password encrypted ********\n" in Masker(PATTON).mask("password encrypted QWER==\n")


def test_a_secret_that_is_known_is_found_anywhere():
    masker = Masker(PATTON, ["s3cret", "s3cretlonger", ""])
    assert masker.mask("echo s3cretlonger, s3cret.") == f"echo {MASK}, {MASK}."


@pytest.mark.parametrize("line", ["34 = s3cret", "P34 = s3cret", "set 34 s3cret", "P34=s3cret"])
def test_commands_and_their_answers_are_masked(line):
    masked = Masker(GRANDSTREAM).mask(f"before\n{line}\nafter")

    assert "s3cret" not in masked
    assert masked.startswith("before\n")
    assert masked.endswith("\nafter")


def test_a_diff_shows_what_changes_and_no_secret():
    old = rendered(HT802, ports=(port(HT802, 1, secret="OldSecret1"), port(HT802, 2)))
    new = rendered(HT802, ports=(port(HT802, 1, display_name="Anna"), port(HT802, 2)))
    lines = diff(old, new, Masker(GRANDSTREAM))

    changed = [line for line in lines if line[:1] in "-+" and line[:3] not in ("---", "+++")]
    assert changed == [f"-P34={MASK}", "-P3=User1", f"+P34={MASK}", "+P3=Anna"]
    assert "OldSecret1" not in str(lines)
    assert len(lines) < 20


@pytest.mark.parametrize("kind", ["xml", "script"])
def test_a_diff_works_on_every_format(kind):
    model = FXO if kind == "script" else HT802
    brand = LIBRARY.brand_of(LIBRARY.models[model])
    old, new = rendered(model, kind), rendered(model, kind, router="192.168.5.2")

    assert diff(old, old, Masker(brand)) == ()
    lines = diff(old, new, Masker(brand))
    assert [line for line in lines if line.startswith("+ ")]
    assert not [secret for secret in secrets_of(model) if secret in str(lines)]


@given(old=st.text(max_size=200), new=st.text(max_size=200))
def test_any_two_texts_have_a_diff(old, new):
    for brand in (PATTON, GRANDSTREAM):
        diff(old, new, Masker(brand, ["x"]))


def test_no_secret_is_in_the_written_form_of_an_object():
    load = Load(
        configured(HT802, provisioning_url=URL), parameters=RENDERER.parameters(configured(HT802))
    )
    script = rendered(FXO)
    other = Load(configured(FXO), script=script, url="tftp://192.168.5.2/s3cret.cfg")

    for secret in (*secrets_of(HT802), "s3cretT0ken"):
        assert secret not in repr(load.gateway)
    for secret in (*secrets_of(FXO), "s3cret.cfg"):
        assert secret not in repr(other)


def test_a_dry_run_shows_every_command_and_no_secret():
    gateway = configured(HT802, provisioning_url=URL)
    load = Load(gateway, parameters=RENDERER.parameters(gateway))
    found = dry_run(load)
    shown = [command.shown for command in found]

    assert {"status", "config", "commit", "reboot", "set 47 pbx.example.org"} <= set(shown)
    assert {f"set 34 {MASK}", f"set 2 {MASK}", f"set 237 {MASK}"} <= set(shown)
    assert "get 47" in shown
    assert "get 34" not in shown  # it would not be told
    assert not [s for s in gateway.secrets if s in str(shown)]
    assert [s for s in gateway.secrets if s in str([c.text for c in found])] == list(
        gateway.secrets
    )
    phases = list(dict.fromkeys(command.phase for command in found))
    assert phases == ["identify", "save_old", "load", "verify", "save", "reboot", "confirm"]


def test_a_dry_run_of_a_patton_shows_what_is_copied():
    load = Load(configured(FXO), script=rendered(FXO), url="tftp://192.168.5.2/s3cret.cfg")

    assert [command.shown for command in dry_run(load)] == [
        "enable", "show version", "show running-config",
        "copy startup-config config:before-upload",
        f"copy tftp://192.168.5.2/{MASK} config:tmp-config",
        "copy config:tmp-config startup-config", "reload", "show running-config",
    ]  # fmt: skip


@given(value=st.text(max_size=30))
def test_no_value_can_add_a_command(value):
    """Blanks, quotes, line breaks, ! and # in a value."""
    gateway = configured(HT802)
    try:
        load = Load(gateway, parameters=(Parameter(47, value), Parameter(3, "Anna")))
    except NotTypable:
        return
    for command in dry_run(load):
        words = command.text.split(" ")
        assert command.text.isascii()
        assert command.text.isprintable()
        assert len(words) == {"set": 3, "get": 2, "unset": 2}.get(words[0], 1)
        assert not set(command.text) & set("\"'`!#")


def test_going_back_types_what_was_there_before():
    gateway = configured(HT802)
    load = Load(gateway, parameters=RENDERER.parameters(gateway))
    found = commands(load, "restore", load.masker(), {47: "old.example.org", 30: "", 9999: "x"})

    assert [command.shown for command in found] == [
        "config", "set 47 old.example.org", "unset 30", "commit", "exit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given_",
    [
        {},
        {"script": "x"},
        {"url": "tftp://192.168.5.2/x"},
        {"script": "x", "url": "tftp://192.168.5.2/x y"},
        {"script": "x", "url": "tftp://192.168.5.2/x\nreload"},
        {"parameters": (1,)},
    ],
)
def test_a_load_is_what_the_brand_takes(given_):
    with pytest.raises(ValueError, match=r"take|one word"):
        Load(configured(FXO), **given_)
    with pytest.raises(ValueError, match="take parameters"):
        Load(configured(HT802), script="x", url="tftp://192.168.5.2/x")


def test_a_very_short_password_is_hidden_and_not_told_by_masks_in_other_words():
    masker = Masker(PATTON, ["x"])

    assert masker.mask("x") == MASK
    assert masker.mask("exit 0x1") == "exit 0x1"
