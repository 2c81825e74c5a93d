"""The import of a Tancredi data directory: phones go on with the addresses they have."""

import sqlite3
from pathlib import Path

import pytest
from php_ini_writer import write
from werkzeug.test import Client

from provisioning.delivery.endpoint import Delivery
from provisioning.delivery.events import EventLog
from provisioning.services.site import Site
from provisioning.store import scopes as stored
from provisioning.store.database import database, version
from provisioning.store.tables import Token
from provisioning.tancredi.datadir import DataDirectoryError, read
from provisioning.tancredi.importer import import_directory, summary
from provisioning.tancredi.patterns import python_pattern

EXAMPLE = Path(__file__).parents[3] / "shared" / "data" / "tancredi-site"
PHONE = "00-15-65-AA-BB-01"
OTHER = "00-15-65-AA-BB-02"
FILE_NAMES = {"sangoma": "cfg{}.xml", "snom": "{}.xml", "gigaset": "{}.xml"}

with_example = pytest.mark.skipif(
    not EXAMPLE.is_dir(), reason=f"the example site is not here: {EXAMPLE}"
)


@pytest.fixture
def bring_in(site):
    """Import a directory; the rows of the report come back."""

    def run(directory, *, dry_run=False):
        return import_directory(site, directory, dry_run=dry_run, by="tests")

    return run


@pytest.fixture
def fetch(settings, site):
    """What a device gets for a path below ``/provisioning/``, from a server started at first."""

    def get(path):
        if not started:
            has_own_vendors = site.own_vendors.exists()
            delivery = Delivery(
                Site(site.state, site.public_url) if has_own_vendors else site,
                trusted_proxies=(),
                tokenless_networks=settings.tokenless_networks,
                events=events,
            )
            started.append(Client(delivery))
        local = {"REMOTE_ADDR": "192.168.1.50"}
        return started[0].get(f"/provisioning/{path}", environ_base=local)

    started = []
    events = EventLog()
    yield get
    events.flush()  # or its thread would write into the next test's database


class Data:
    """A made-up data directory."""

    def __init__(self, root: Path):
        self.root = root
        (root / "scopes").mkdir(parents=True)

    def put(self, path, content):
        file = self.root / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def scope(self, scope_id, kind, data=None, **metadata):
        metadata = {"scopeType": kind, **metadata}
        self.put(f"scopes/{scope_id}.ini", write({"metadata": metadata, "data": data or {}}))

    def phone(self, mac=PHONE, model="yealink-T46", data=None, *, tok1=(), tok2=("abc123",)):
        self.scope(mac, "phone", data, displayName="Yealink", inheritFrom=model)
        for folder, tokens in (("first_access_tokens", tok1), ("tokens", tok2)):
            for token in tokens:
                self.put(f"{folder}/{token}", mac)


@pytest.fixture
def data(tmp_path):
    """A data directory without content."""
    return Data(tmp_path / "data")


def rows_of(rows, kind, name=None):
    return [(r.action, r.text) for r in rows if r.kind == kind and name in (None, r.name)]


def one(rows, kind, name):
    (found,) = rows_of(rows, kind, name)
    return found


def actions(rows):
    """What happens, without what the admin is told besides."""
    return {row.action for row in rows} - {"info", "warning", "error"}


def everything(site):
    """The whole database and directory, to compare."""
    connection = sqlite3.connect(site.state / "provisioning.sqlite")
    dump = list(connection.iterdump())
    connection.close()
    files = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in site.state.rglob("*")
        if not path.name.startswith("provisioning.sqlite")
    }
    return dump, files


# The example site


@with_example
def test_the_example_site_comes_in_whole(api, bring_in, site):
    rows = bring_in(EXAMPLE)
    told = summary(rows)
    assert told == {
        "file create": 4,
        "pattern create": 1,
        "template warning": 1,
        "defaults update": 1,
        "model create": 3,
        "phone create": 60,
    }
    data = read(EXAMPLE)
    phones = {scope.id: scope for scope in data.scopes if scope.kind == "phone"}
    tokens = {(token.scope_id, token.kind): token.text for token in data.tokens}
    assert [found["mac"] for found in api.document("/phones")] == sorted(phones)
    for mac, scope in phones.items():
        shown = api.document(f"/phones/{mac}")
        assert shown["variables"] == scope.variables
        assert (shown["model"], shown["display_name"]) == (scope.parent, scope.display_name)
        assert (shown["tok1"], shown["tok2"]) == (tokens.get((mac, 1)), tokens[mac, 2])
    for scope in data.scopes:
        if scope.kind == "model":
            assert api.variables(f"/models/{scope.id}") == scope.variables
            assert api.document(f"/models/{scope.id}")["display_name"] == scope.display_name
    assert api.document("/defaults") == data.scopes[0].variables
    for asset in data.assets:
        kept = site.collection(asset.collection) / asset.name
        assert kept.read_bytes() == asset.path.read_bytes()
        (listed,) = api.document(f"/{asset.collection}")
        assert listed["name"] == asset.name


@with_example
def test_models_are_kept_as_differences_from_the_shipped_ones(bring_in):
    rows = bring_in(EXAMPLE)
    reception = stored.find_model("yealink-T46-reception")
    assert (reception.base, reception.differences) == (
        "yealink-T46",
        {
            "linekey_type_3": "blf",
            "linekey_value_3": "202",
            "linekey_label_3": "Anna",
            "linekey_type_4": "speed_dial",
            "linekey_value_4": "0123456789",
            "linekey_label_4": "Magazzino & resi",
        },
    )
    assert one(rows, "model", "yealink-T46-reception")[1] == "6 differences from yealink-T46"
    snom = stored.find_model("snom-D785")
    assert snom.display_name is None
    assert snom.differences == {
        "softkey_type_2": "dnd",
        "ringtone": "3",
        "timezone": "Europe/London",
    }
    hotel = stored.find_model("nethesis-NPX5-hotel")
    assert hotel.base == "nethesis-NPX5"
    assert {"linekey_value_2": "9", "linekey_label_2": "Reception"}.items() <= (
        hotel.differences.items()
    )


@with_example
@pytest.mark.parametrize("kind", [1, 2])
def test_every_phone_of_the_example_fetches_its_configuration(bring_in, fetch, kind):
    bring_in(EXAMPLE)
    data = read(EXAMPLE)
    accounts = {scope.id: scope for scope in data.scopes if scope.kind == "phone"}
    asked = [token for token in data.tokens if token.kind == kind]
    assert len(asked) == (20 if kind == 1 else 60)
    for token in asked:
        scope = accounts[token.scope_id]
        vendor = scope.parent.partition("-")[0]
        bare = token.scope_id.replace("-", "").lower()
        name = FILE_NAMES.get(vendor, "{}.cfg").format(bare)
        answer = fetch(f"{token.text}/{name}")
        assert answer.status_code == 200, (token.scope_id, scope.parent, answer.text)
        password = scope.variables["account_password_1"]
        assert password in answer.text
        assert data.scopes[0].variables["hostname"] in answer.text


@with_example
def test_the_first_request_with_the_permanent_token_ends_the_first_access(api, bring_in, fetch):
    bring_in(EXAMPLE)
    first, second = (
        next(t for t in read(EXAMPLE).tokens if t.kind == kind and t.scope_id == mac)
        for mac in [read(EXAMPLE).tokens[0].scope_id]
        for kind in (1, 2)
    )
    bare = first.scope_id.replace("-", "").lower()
    assert api.document(f"/phones/{first.scope_id}")["tok1"] == first.text
    fetch(f"{second.text}/{bare}.cfg")
    assert api.document(f"/phones/{first.scope_id}")["tok1"] is None
    assert fetch(f"{first.text}/{bare}.cfg").status_code == 404


@with_example
def test_a_dry_run_tells_the_same_and_writes_nothing(bring_in, site):
    before = everything(site)
    dry = bring_in(EXAMPLE, dry_run=True)
    assert everything(site) == before
    assert dry == bring_in(EXAMPLE)
    assert everything(site) != before


@with_example
def test_a_second_import_changes_nothing(bring_in, site):
    bring_in(EXAMPLE)
    before = everything(site)
    again = bring_in(EXAMPLE)
    assert everything(site) == before
    assert actions(again) == {"unchanged"}
    counted = summary(again)
    assert counted["phone unchanged"] == 60
    assert counted["model unchanged"] == 3
    assert counted["file unchanged"] == 4
    assert counted["defaults unchanged"] == counted["pattern unchanged"] == 1


@with_example
def test_a_change_made_here_is_overwritten_by_a_later_import_which_says_so(api, bring_in):
    bring_in(EXAMPLE)
    before = api.document(f"/phones/{PHONE_OF_EXAMPLE}")
    api.send("PATCH", f"/phones/{PHONE_OF_EXAMPLE}", {"variables": {"language": "de"}})
    api.send("PATCH", "/models/yealink-T46-reception", {"variables": {"language": "de"}})
    rows = bring_in(EXAMPLE)
    assert one(rows, "phone", PHONE_OF_EXAMPLE)[0] == "update"
    assert one(rows, "model", "yealink-T46-reception")[0] == "update"
    assert api.document(f"/phones/{PHONE_OF_EXAMPLE}") == before
    assert "language" not in api.variables("/models/yealink-T46-reception")


PHONE_OF_EXAMPLE = "00-15-65-4D-78-A7"


@with_example
def test_the_sites_own_pattern_serves_a_template_that_was_written_anew(api, bring_in, fetch, site):
    bring_in(EXAMPLE)
    (site.own_vendors / "grandstream" / "wp810.j2").write_text(
        "user={{ phone.accounts[0].username }}"
    )
    api.create_phone(
        "C0:74:AD:01:02:03",
        variables={"tmpl_phone": "grandstream/wp810.j2", "account_username_1": "201",
                   "account_password_1": "x", "account_extension_1": "201"},
    )  # fmt: skip
    token = api.document("/phones/C0-74-AD-01-02-03")["tok2"]
    answer = fetch(f"{token}/cfgc074ad010203.xml")
    assert (answer.status_code, answer.text) == (200, "user=201")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert fetch("cfgc074ad010203.xml").status_code == 200
    assert fetch("cfgc074ad010204.xml").status_code == 404


# Tokens


def test_every_permanent_token_stays_valid_and_the_first_is_shown(api, data, bring_in, fetch):
    data.phone(tok1=["1first"], tok2=["bbb", "aaa", "old.12345678"])
    rows = bring_in(data.root)
    assert ("info", "3 permanent tokens; all stay valid, the first is shown.") in rows_of(
        rows, "file", PHONE
    )
    shown = api.document(f"/phones/{PHONE}")
    assert (shown["tok1"], shown["tok2"]) == ("1first", "aaa")
    for token in ("1first", "aaa", "bbb", "old.12345678"):
        assert fetch(f"{token}/001565aabb01.cfg").status_code == 200
    assert api.document(f"/phones/{PHONE}")["tok1"] is None


def test_a_phone_without_a_permanent_token_gets_one(api, data, bring_in):
    data.phone(tok1=["1first"], tok2=[])
    rows = bring_in(data.root)
    told = ("warning", "had no permanent token and has a new one: give the phone its new address")
    assert told in rows_of(rows, "phone", PHONE)
    assert len(api.document(f"/phones/{PHONE}")["tok2"]) == 32
    assert rows_of(bring_in(data.root), "phone", PHONE) == [("unchanged", "yealink-T46")]


def test_a_phone_that_is_here_already_keeps_its_token_and_learns_the_old_one(
    api, data, bring_in, fetch
):
    here = api.create_phone(PHONE)
    data.phone(data={"language": "it"}, tok1=["1first"], tok2=["old"])
    assert one(bring_in(data.root), "phone", PHONE) == ("update", "yealink-T46")
    after = api.document(f"/phones/{PHONE}")
    assert (after["tok1"], after["tok2"]) == (here["tok1"], here["tok2"])
    assert (after["model"], after["variables"]) == ("yealink-T46", {"language": "it"})
    assert fetch("old/001565aabb01.cfg").status_code == 200
    assert fetch("1first/001565aabb01.cfg").status_code == 404
    assert actions(bring_in(data.root)) == {"unchanged"}


def test_a_consumed_first_access_token_does_not_come_back(api, data, bring_in, fetch):
    data.phone(tok1=["1first"], tok2=["2second"])
    bring_in(data.root)
    fetch("2second/001565aabb01.cfg")
    assert rows_of(bring_in(data.root), "phone", PHONE) == [("unchanged", "yealink-T46")]
    assert api.document(f"/phones/{PHONE}")["tok1"] is None


def test_a_token_that_another_phone_has_here_stays_there(api, data, bring_in):
    data.phone(OTHER, tok2=["abc123"])
    bring_in(data.root)
    data.put("tokens/abc123", PHONE)
    data.phone(PHONE, tok2=["abc123"])
    rows = rows_of(bring_in(data.root), "phone", PHONE)
    assert [action for action, _ in rows] == ["error", "warning", "create"]
    assert f"belongs to {OTHER} here and stays there" in rows[0][1]
    assert "give it its new address" in rows[0][1]
    assert api.document(f"/phones/{OTHER}")["tok2"] == "abc123"
    assert api.document(f"/phones/{PHONE}")["tok2"] != "abc123"


def test_tokens_without_a_phone_are_left_out_and_told(data, bring_in):
    data.phone()
    data.put("tokens/0123456789orphan", OTHER)
    rows = bring_in(data.root)
    ((action, text),) = rows_of(rows, "file", "tokens/012345…")
    assert action == "warning"
    assert OTHER in text
    assert [token.text for token in Token.select()] == ["abc123"]
    assert "0123456789orphan" not in str(rows)


# Scopes


def test_two_files_of_one_phone_are_told(api, data, bring_in):
    data.phone(data={"language": "it"})
    data.scope("00-15-65-aa-bb-01", "phone", {"language": "de"})
    rows = bring_in(data.root)
    _, (action, text) = rows_of(rows, "file", "scopes/00-15-65-aa-bb-01.ini")
    assert action == "error"
    assert f"scopes/{PHONE}.ini" in text
    assert "delete one" in text
    assert api.variables(f"/phones/{PHONE}") == {"language": "it"}


def test_a_damaged_file_costs_only_itself(api, data, bring_in):
    data.phone()
    data.put(f"scopes/{OTHER}.ini", '[data]\na = "never closed')
    data.put("scopes/yealink-T46-x.ini", b"\0")
    data.put("scopes/empty.ini", "")
    rows = bring_in(data.root)
    action, text = one(rows, "file", f"scopes/{OTHER}.ini")
    assert action == "error"
    assert "Line 2" in text
    assert "correct the line and import again" in text
    assert one(rows, "file", "scopes/yealink-T46-x.ini")[0] == "error"
    assert [found["mac"] for found in api.document("/phones")] == [PHONE]


def test_a_directory_that_is_none_is_refused_and_nothing_written(bring_in, site, tmp_path):
    before = everything(site)
    with pytest.raises(DataDirectoryError, match='no folder "scopes"'):
        bring_in(tmp_path)
    assert everything(site) == before


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("", "has no model; only the defaults apply: choose a model"),
        (
            "yealink-T99",
            "has the unknown model yealink-T99; only the defaults apply: choose a model",
        ),
        ("yealink-T46GS", None),
        ("yealink-T46", None),
    ],
)  # fmt: skip
def test_a_phone_whose_model_exists_nowhere_is_told(api, data, bring_in, model, told):
    data.phone(model=model)
    rows = rows_of(bring_in(data.root), "phone", PHONE)
    assert rows[1:] == ([("warning", told)] if told else [])
    assert api.document(f"/phones/{PHONE}")["model"] == model.replace("GS", "")


def test_a_model_without_a_shipped_setting_still_lacks_it(api, data, bring_in):
    shipped = api.variables("/models/yealink-T46")
    own = {name: value for name, value in shipped.items() if name != "softkey_type_3"}
    data.scope("yealink-T46-x", "model", {**own, "contrast": "7"}, displayName="X")
    data.scope("yealink-T46", "model", own, displayName="Yealink T46G/S/U")
    bring_in(data.root)
    assert stored.find_model("yealink-T46-x").differences == {
        "contrast": "7",
        "softkey_type_3": None,
    }
    assert stored.find_model("yealink-T46").differences == {"softkey_type_3": None}
    assert api.variables("/models/yealink-T46") == own
    assert api.variables("/models/yealink-T46-x") == {**own, "contrast": "7"}


def test_facts_that_a_later_release_added_reach_an_older_copy(api, data, bring_in):
    shipped = api.variables("/models/yealink-T46")
    older = {
        name: value
        for name, value in shipped.items()
        if name not in ("cap_background_file", "cap_date_format_blacklist", "tmpl_phone")
    }
    data.scope("yealink-T46-x", "model", older)
    bring_in(data.root)
    assert api.variables("/models/yealink-T46-x") == shipped


def test_an_unchanged_copy_of_a_shipped_model_is_no_customisation(api, data, bring_in):
    for model in ("yealink-T46", "snom-D335", "fanvil-X3U"):
        shipped = api.document(f"/models/{model}")
        name = shipped["display_name"]
        data.scope(model, "model", shipped["variables"], displayName=name, version="4")
    rows = bring_in(data.root)
    assert {row.action for row in rows} == {"unchanged"}
    assert list(stored.models()) == []


def test_a_renamed_shipped_model_keeps_its_name(api, data, bring_in):
    shipped = api.variables("/models/yealink-T46")
    data.scope("yealink-T46", "model", shipped, displayName="Our phone")
    assert one(bring_in(data.root), "model", "yealink-T46")[0] == "create"
    assert api.document("/models/yealink-T46")["display_name"] == "Our phone"
    assert actions(bring_in(data.root)) == {"unchanged"}


def test_a_model_of_an_unknown_vendor_is_kept_whole(api, data, bring_in):
    data.scope("acme-M", "model", {"a": "1", "b": ""}, displayName="M")
    assert one(bring_in(data.root), "model", "acme-M") == ("create", "not based on a known model")
    assert api.variables("/models/acme-M") == {"a": "1", "b": ""}


def test_the_defaults_of_the_directory_apply(api, data, bring_in):
    api.call("PATCH", "/defaults", {"language": "de", "ntp_server": "de.pool", "own": "1"})
    passwords = api.document("/defaults")
    own = {"language": "en", "ntp_server": "it.pool", "timezone": "", "adminpw": "theirs"}
    data.scope("defaults", "defaults", own)
    assert one(bring_in(data.root), "defaults", "defaults")[0] == "update"
    after = api.document("/defaults")
    assert {name: after[name] for name in own} == own
    # What the file does not say stays: the passwords of a fresh site, settings of newer releases.
    assert after["userpw"] == passwords["userpw"]
    assert (after["own"], after["sip_udp_port"]) == ("1", "5060")
    assert "language" not in stored.defaults_differences()
    assert actions(bring_in(data.root)) == {"unchanged"}


def test_nothing_is_imported_when_something_fails(data, bring_in, site):
    data.scope("defaults", "defaults", {"language": "it"})
    data.phone()
    before = everything(site)
    with database.atomic():
        database.execute_sql(
            "CREATE TRIGGER full BEFORE INSERT ON phone BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(Exception, match="full"):
        bring_in(data.root)
    database.execute_sql("DROP TRIGGER full")
    assert everything(site) == before
    assert actions(bring_in(data.root)) == {"update", "create"}


def test_running_servers_notice_an_import(data, bring_in):
    data.phone()
    before = version()
    bring_in(data.root)
    assert version() > before


# Files


def test_files_with_other_names_are_left_out_and_told(api, data, bring_in, site):
    for name in ("fine(1).wav", "with blank.wav", "x" * 201, ".hidden", "sub"):
        data.put(f"ringtones/{name}", b"x")
    (data.root / "ringtones" / "link.wav").symlink_to("/etc/hostname")
    (site.collection("ringtones") / "sub").mkdir(parents=True)
    dry, rows = bring_in(data.root, dry_run=True), bring_in(data.root)
    assert dry == rows
    assert sorted((r.action, r.name) for r in rows if r.kind == "file") == [
        ("create", "ringtones/fine(1).wav"),
        ("error", "ringtones/link.wav"),
        ("error", "ringtones/sub"),
        ("error", "ringtones/with blank.wav"),
        ("error", f"ringtones/{'x' * 201}"),
    ]
    assert "rename it" in one(rows, "file", f"ringtones/{'x' * 201}")[1]
    assert [file["name"] for file in api.document("/ringtones")] == ["fine(1).wav"]


def test_a_file_with_other_content_is_replaced(data, bring_in, site):
    data.put("firmware/a.rom", b"new")
    folder = site.collection("firmware")
    folder.mkdir(parents=True)
    (folder / "a.rom").write_bytes(b"old")
    assert one(bring_in(data.root), "file", "firmware/a.rom") == ("update", "3 bytes")
    assert (folder / "a.rom").read_bytes() == b"new"


# Patterns and templates


def pattern(pattern, scopeid="", template="tmpl_phone", name="rule", **more):
    return write({name: {"pattern": pattern, "scopeid": scopeid, "template": template, **more}})


def test_patterns_of_the_site_find_their_phone(data, bring_in, fetch):
    cases = [
        ("special-([0-9a-f]{12})\\.cfg", "$1", "special-001565aabb01.cfg", 200),
        ("s([[:xdigit:]]+)\\/?x\\.cfg", "$1", "s001565aabb01x.cfg", 200),
        ("(?<a>0015)(?'b'65aa)(bb01)\\.x", "$1.$2.$3", "001565aabb01.x", 200),
        ("end-(01)", "00-15-65-AA-BB-$1", "end-01", 200),
        ("lobby\\.cfg", PHONE, "lobby.cfg", 200),
        # Tancredi looked at the scope id of requests without a token only.
        ("index\\.txt", "yealink-T46", "index.txt", 404),
        ("index2\\.txt", "", "index2.txt", 404),
    ]
    data.phone()
    rules = [pattern(case[0], case[1], name=f"rule{n}") for n, case in enumerate(cases)]
    data.put("patterns.d/Lobby-2.ini", "".join(rules))
    rows = bring_in(data.root)
    told = "7 file patterns, in templates/phones/lobby_2/vendor.yaml"
    assert one(rows, "pattern", "lobby_2") == ("create", told)
    told = "scopeid 'yealink-T46' is no address: for phones with a token only"
    assert one(rows, "pattern", "rule5") == ("info", told)
    for _, _, file, without_token in cases:
        assert (file, fetch(f"abc123/{file}").status_code) == (file, 200)
        assert (file, fetch(file).status_code) == (file, without_token)
    assert fetch("abc123/001565aabb01.cfg").status_code == 200


def test_a_pattern_file_with_a_shipped_name_adds_to_the_vendor(data, bring_in, fetch):
    data.phone()
    data.put("patterns.d/yealink.ini", pattern("y([0-9a-f]{12})", "$1"))
    rows = bring_in(data.root)
    action, text = one(rows, "file", "patterns.d/yealink.ini")
    assert action == "warning"
    assert "built-in rules stay" in text
    for name in ("y001565aabb01", "001565aabb01.cfg"):
        assert fetch(f"abc123/{name}").status_code == 200


def test_a_pattern_that_cannot_work_is_left_out_and_told(data, bring_in, fetch):
    broken = {
        "group": ("a(b", "", "cannot be read"),
        "escape": ("\\h+", "", "cannot be read"),
        "number": ("a{99999999999}", "", "cannot be read"),
        "reference": ("a(b)", "$2", "scopeid refers to $2; pattern has 1 groups"),
    }
    data.phone()
    rules = [pattern(case[0], case[1], name=name) for name, case in broken.items()]
    data.put("patterns.d/lobby.ini", "".join([*rules, pattern("fine\\.cfg", PHONE)]))
    rows = bring_in(data.root)
    for name, (_, _, reason) in broken.items():
        action, text = one(rows, "pattern", name)
        assert action == "error"
        assert reason in text
        assert "correct it and import again" in text
    assert fetch("fine.cfg").status_code == 200
    assert fetch("abc123/001565aabb01.cfg").status_code == 200


def test_patterns_join_what_the_site_wrote_by_hand(data, bring_in, fetch, site):
    folder = site.own_vendors / "lobby"
    folder.mkdir(parents=True)
    (folder / "vendor.yaml").write_text("name: Lobby phones\nfiles: [{pattern: x, role: phone}]\n")
    data.phone()
    data.put("patterns.d/lobby.ini", pattern("lobby\\.cfg", PHONE))
    assert one(bring_in(data.root), "pattern", "lobby")[0] == "update"
    text = (folder / "vendor.yaml").read_text()
    assert "Lobby phones" in text
    assert "pattern: x" in text
    assert fetch("lobby.cfg").status_code == 200
    assert actions(bring_in(data.root)) == {"unchanged"}


@pytest.mark.parametrize("text", ["a: [", "- 1", "files: 5", "text", b"\xff"])
def test_a_vendor_file_that_cannot_be_read_is_told_and_left(data, bring_in, site, text):
    folder = site.own_vendors / "lobby"
    folder.mkdir(parents=True)
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "vendor.yaml").write_bytes(content)
    data.phone()
    data.put("patterns.d/lobby.ini", pattern("lobby\\.cfg", PHONE))
    rows = bring_in(data.root)
    assert one(rows, "pattern", "lobby") == (
        "error",
        "templates/phones/lobby/vendor.yaml cannot be read: correct or remove it",
    )
    assert (folder / "vendor.yaml").read_bytes() == content
    assert one(rows, "phone", PHONE)[0] == "create"


@pytest.mark.parametrize(
    ("pcre", "python"),
    [
        ("[[:xdigit:][:alpha:]_]+", "[0-9A-Fa-fA-Za-z_]+"),
        ("(?<a>x)(?<=y)(?<!z)(?'b'c)", "(?P<a>x)(?<=y)(?<!z)(?P<b>c)"),
        ("[[:unknown:]]", "[[:unknown:]]"),
        ("([a-f0-9]{2})\\.xml", "([a-f0-9]{2})\\.xml"),
    ],
)
def test_phps_patterns_are_written_as_python_has_them(pcre, python):
    assert python_pattern(pcre) == python


def test_a_twig_template_is_kept_and_the_report_says_what_to_do(api, data, bring_in, fetch, site):
    data.put("templates-custom/reception.tmpl", "{{ account_username_1 }}")
    data.put("templates-custom/yealink.tmpl", "x")
    data.scope("yealink-T46-x", "model", {"tmpl_phone": "reception.tmpl"})
    data.phone(model="yealink-T46-x")
    data.phone(OTHER, model="yealink-T46", tok2=["other"])
    rows = bring_in(data.root)
    action, text = one(rows, "template", "reception.tmpl")
    assert action == "warning"
    assert "used by yealink-T46-x" in text
    assert "set tmpl_phone to <vendor>/<name>.j2" in text
    assert text.endswith("until then these devices get no configuration")
    assert one(rows, "template", "yealink.tmpl")[1].endswith("serves these devices now")
    kept = site.state / "tancredi-templates" / "reception.tmpl"
    assert kept.read_text() == "{{ account_username_1 }}"
    # Never a stock template in the place of one that the site chose.
    assert fetch("abc123/001565aabb01.cfg").status_code == 500
    assert fetch("other/001565aabb02.cfg").status_code == 200


def test_the_report_holds_no_secret(data, bring_in):
    data.phone(data={"account_password_1": "s3cret"}, tok2=["t0ken-of-the-phone"])
    data.scope("defaults", "defaults", {"adminpw": "s3cret"})
    data.scope("yealink-T46-x", "model", {"adminpw": "s3cret"})
    data.put(f"scopes/{OTHER}.ini", '[data]\nadminpw = "s3cret" = "s3cret"')
    for rows in (bring_in(data.root), bring_in(data.root)):
        assert "s3cret" not in str(rows)
        assert "t0ken-of" not in str(rows)
