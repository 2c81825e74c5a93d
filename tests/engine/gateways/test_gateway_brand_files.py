"""Reading ``brand.yaml``: overlays, guesses, and mistakes told with file and line."""

from pathlib import Path

import pytest

from provisioning.engine.gateways.brand_files import BrandFileError, load_gateways

ACME = """\
name: Acme
trunk_prefix: Acme
first_port: 0
oui: ["AC:DE:48"]
admin_user: admin
default_login: {user: admin, password: admin}
user_account: false
checks_certificates: false
fetches: false
files:
  text: {format: lines, template: text.j2, name: "{mac}.txt", content_type: text/plain}
secrets: {write_only: [2], patterns: ['pw (?P<secret>.*)']}
line_types:
  fxs: {label: {en: Telephone, it: Telefono}, channels: 1, needs: [extension]}
  bri: {label: {en: ISDN, it: ISDN}, trunk_word: isdn, channels: 2, needs: [protocol], protocols: {pp: {en: a, it: b}}}
countries:
  it: {label: {en: Italy, it: Italia}, tones: {busy: {value: 425, verified: false}}}
facts: {colour: grey, size: {value: small, verified: false}}
families:
  large:
    facts: {size: large}
    accounts: {server: {1: 47}}
    ports: {user: {1-2: 10, 3: 20}}
    rtp_ports: {1: 5004}
models:
  acme-A: {name: A, label: {en: A, it: A}, key: a, family: large, line: fxs, ports: 3, units: ['A']}
  acme-B: {name: B, label: {en: B, it: B}, key: b, family: large, line: fxs, ports: 1, units: {value: ['B'], verified: false}}
dialogue:
  shells: {telnet: {port: 23}, ssh: {port: 22, options: ["KexAlgorithms=+old"]}}
  patience: {connect: 1, login: 1, command: 1, settle: 0, pace: 0, interrupt: 1, close: 1, down: 0, poll: 1, back: 9}
  prompts: {username: 'user:\\Z', password: 'word:\\Z', main: '>\\Z'}
  login_ends: [main]
  ready: main
  login_refusals: [{outcome: wrong_password, pattern: 'no'}]
  closed_at_once: connection_lost
  refusals: [{outcome: unknown_command, pattern: 'what'}]
  going_down: 'down'
  identity: {model: '(?P<model>A)', mac: {pattern: '(?P<mac>B)', verified: false}, firmware: '(?P<firmware>C)'}
  steps:
    identify: [{send: who, keep: identity}]
    load: [{send: "set {number} {value}", each: written, reads: '(?P<value>.)', verified: false}]
    save: [{send: keep}]
    reboot: [{send: restart}]
    confirm: []
"""  # noqa: E501


def write(tree: Path, content: str = ACME, brand: str = "acme") -> Path:
    folder = tree / brand
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "text.j2").write_text("P47={{ pbx.host }}\n")
    (folder / "brand.yaml").write_text(content, encoding="utf-8")
    return folder / "brand.yaml"


@pytest.fixture
def shipped(tmp_path) -> Path:
    write(tmp_path / "shipped")
    return tmp_path / "shipped"


def test_a_family_says_what_its_models_share(shipped):
    library = load_gateways([shipped])
    model = library.models["acme-A"]

    assert (model.line.id, model.ports, model.ethernet) == ("fxs", 3, 1)
    assert model.facts == {"colour": "grey", "size": "large"}
    assert [model.family.ports.of(n) for n in (1, 2, 3, 4)] == [
        {"user": 10}, {"user": 11}, {"user": 20}, {},
    ]  # fmt: skip
    assert library.brand_of(model).write_only == {2}


def test_a_guess_is_read_like_a_fact_and_its_place_is_kept(shipped):
    library = load_gateways([shipped])
    brand = library.brands["acme"]

    assert brand.countries["it"].values == {"tones": {"busy": 425}}
    assert brand.dialogue.identity.mac.pattern == "(?P<mac>B)"
    assert brand.unverified == (
        "countries.it.tones.busy", "dialogue.identity.mac", "dialogue.steps.load.0", "facts.size",
        "models.acme-B.units",
    )  # fmt: skip
    assert [library.models[m].verified for m in ("acme-A", "acme-B")] == [True, False]


def test_a_capture_from_a_real_unit_changes_data_in_the_sites_own_tree(shipped, tmp_path):
    own = tmp_path / "own" / "acme"
    own.mkdir(parents=True)
    (own / "brand.yaml").write_text(
        "dialogue: {refusals: [{outcome: refused_value, pattern: captured}]}\nfacts: {size: huge}\n"
    )
    (own / "text.j2").write_text("mine")
    brand = load_gateways([shipped, tmp_path / "own"]).brands["acme"]

    assert [r.pattern.pattern for r in brand.dialogue.refusals] == ["captured"]
    assert brand.dialogue.ready == "main"
    assert brand.folders == (own, shipped / "acme")
    assert "facts.size" not in brand.unverified


def test_a_folder_may_be_left_out(shipped):
    write(shipped, ACME.replace("acme-", "bcme-"), "bcme")

    assert set(load_gateways([shipped]).brands) == {"acme", "bcme"}
    assert set(load_gateways([shipped], without=[shipped / "acme"]).brands) == {"bcme"}


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("name: Acme", "nmae: Acme", 1, "nmae: unknown member; there are admin_user"),
        ("name: Acme\n", "", 1, "file: name is missing"),
        ("name: Acme", "name: 7", 1, "name: must be text; quote it"),
        ("name: Acme", "name: Acme\nname: Bcme", 1, "name: stands there twice"),
        ("name: Acme", "- a", 2, "did not find"),
        ("trunk_prefix: Acme", "trunk_prefix: A b", 2, "must be 1 to 20 letters and digits"),
        ("first_port: 0", "first_port: -1", 3, "must be a whole number"),
        ('"AC:DE:48"', "AC", 4, "wants prefixes in quotes"),
        ("user_account: false", "user_account: 0", 7, "must be true or false"),
        ("template: text.j2", "template: no.j2", 11, "there is no template 'no.j2'"),
        ("format: lines", "format: odt", 11, "'odt' is not one of lines, words, xml"),
        ('name: "{mac}.txt"', 'name: "{mac}/x"', 11, "is not the name of a file"),
        ("(?P<secret>.*)", "(.*)", 12, "needs the group (?P<secret>…)"),
        ("needs: [extension]", "needs: [tone]", 14, "'tone' is not one of protocol"),
        ("it: Telefono", "fr: T", 14, "fr: unknown member"),
        ("needs: [protocol], ", "", 15, "who needs a protocol has protocols"),
        ("verified: false}}}\nfacts", "verified: 1}}}\nfacts", 17, "must be true or false"),
        ("1-2: 10", "1-2-3: 10", 23, "wants ports like 3 or 1-20"),
        ("3: 20", "2: 20", 23, "ports count upwards and stand in one run"),
        ("3: 20", "3: 10", 26, "P10 is user of port 1 and user of port 3"),
        ("server: {1: 47}", "server: {1: 10}", 26, "P10 is server of account 1 and user of"),
        ("3: 20", "5: 20", 26, "port 3 lacks parameters of its family"),
        ("acme-A:", "other-A:", 26, "the id of a model starts with acme-"),
        ("family: large, line: fxs, ports: 3", "family: tiny, line: fxs, ports: 3", 26,
         "'tiny' is not one of large"),
        ("ports: 3", "ports: 49", 26, "must be 1 to 48"),
        ("units: ['A']", "units: ['(']", 26, "is not a regular expression"),
        ("telnet: {port: 23}", "rsh: {port: 23}", 29, "there are ssh and telnet"),
        ("port: 23", "port: 0", 29, "is not a port"),
        ("KexAlgorithms=+old", "ProxyCommand=x", 29, "is not a choice of algorithms"),
        ("connect: 1", "connect: now", 30, "must be a number of seconds"),
        ("connect: 1", "connect: 9999", 30, "must be 0 to 3600 seconds"),
        (", back: 9", "", 30, "back is missing"),
        ("main: '>", "main: '(", 31, "is not a regular expression"),
        ("ready: main", "ready: home", 33, "'home' is not one of username, password, main"),
        ("outcome: wrong_password", "outcome: sad", 34, "'sad' is not one of wrong_password"),
        ("(?P<model>A)", "A", 38, "needs the group (?P<model>…)"),
        ("    save: [{send: keep}]\n", "", 39, "save is missing"),
        ("send: keep", "say: keep", 42, "say: unknown member"),
        ("send: keep", 'send: "keep\\nreset"', 42, "a command is one line of printable ASCII"),
        ("send: keep", 'send: "keep {value}"', 42, "{value} means nothing here; there is url"),
        ("send: keep", "send: keep, wait: ever", 42, "'ever' is not one of command"),
        ("each: written", "each: other", 41, "'other' is not one of written"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_line(tmp_path, old, new, line, told):
    assert ACME.count(old) >= 1
    file = write(tmp_path, ACME.replace(old, new, 1))

    with pytest.raises(BrandFileError) as mistake:
        load_gateways([tmp_path])

    assert str(mistake.value).startswith(f"{file}:{line}: ")
    assert told in str(mistake.value)
    assert mistake.value.file == file


def test_a_mistake_in_the_sites_tree_names_the_sites_file(shipped, tmp_path):
    own = tmp_path / "own" / "acme" / "brand.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("fetches: false\nfirst_port: often\n")

    with pytest.raises(BrandFileError, match=rf"{own}:2: first_port: must be a whole number"):
        load_gateways([shipped, tmp_path / "own"])
