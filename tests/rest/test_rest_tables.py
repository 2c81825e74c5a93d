"""Tables (CSV) through the API: imported whole or not at all, exported to be imported again."""

import io

import pytest

from provisioning.engine.table_file import MAX_BYTES
from provisioning.rest.problems import MEDIA_TYPE

IMPORTS = "/api/v1/imports"
EXPORTS = "/api/v1/exports"
HISTORY = "/api/v1/history"
CSV = "text/csv"
MAC = "00-15-65-AA-BB-01"
USERS = "name;display_name;extension;group\nada;Ada;201;Sales\nbob;Bob;202;Sales\n"
PHONES = "mac,model,user,note\n001565aabb01,yealink-T46,ada,à\n001565aabb02,yealink-T48,bob,\n"
KEYS = f"mac,kind,position,type,value,label\n{MAC},linekey,3,blf,202,Bob\n"


def post(api, kind: str, table: str | bytes, query: str = "", content_type: str = CSV):
    return api.post(f"{IMPORTS}/{kind}{query}", data=table, content_type=content_type)


@pytest.fixture
def filled(api):
    """A site with two users and their phones, one with a key of its own."""
    for kind, table in (("users", USERS), ("phones", PHONES), ("keys", KEYS)):
        answer = post(api, kind, table)
        assert answer.status_code == 200, answer.text


def phones(api) -> list[str]:
    return [item["mac"] for item in api.get("/api/v1/phones").json["items"]]


def test_phones_and_users_come_from_tables(api, filled):
    found = api.get(f"/api/v1/phones/{MAC}").json
    assert (found["model"], found["note"]) == ("yealink-T46", "à")
    assert found["links"][0]["user"] == "ada"
    assert found["variables"]["linekey_value_3"] == "202"


def test_an_import_answers_what_became_of_each_row(api, filled):
    answer = post(api, "phones", f"mac;note\n{MAC};new\n001565aabb02;\nA00000000001;x\n")
    assert answer.json["applied"]
    assert answer.json["counts"] == {"create": 1, "update": 1, "unchanged": 1, "error": 0}
    assert answer.json["rows"][0] == {
        "row": 2, "action": "update", "subject": MAC, "changes": ["note"],
    }  # fmt: skip
    [warning] = answer.json["warnings"]
    assert (warning["row"], warning["column"]) == (4, "mac")
    assert answer.json["more_warnings"] == 0


def test_a_dry_run_answers_the_same_and_changes_nothing(api):
    post(api, "users", USERS)
    answer = post(api, "phones", PHONES, "?dry_run=true")
    assert answer.status_code == 200
    assert not answer.json["applied"]
    assert answer.json["counts"]["create"] == 2
    assert phones(api) == []
    assert post(api, "phones", PHONES).json["rows"] == answer.json["rows"]


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_every_error_is_answered_with_row_and_column_and_nothing_is_changed(api, query):
    answer = post(
        api, "phones", "mac,model,user\n001565aabb01,yealink-T64,nobody\nx,,\n001565aabb02,,", query
    )
    assert answer.status_code == 422
    assert answer.content_type == MEDIA_TYPE
    assert answer.json["type"] == "/problems/table-not-allowed"
    assert answer.json["detail"] == "3 errors."
    assert answer.json["counts"] == {"create": 1, "update": 0, "unchanged": 0, "error": 2}
    errors = answer.json["errors"]
    assert [(e["row"], e["column"], e["value"]) for e in errors] == [
        (2, "model", "yealink-T64"), (2, "user", "nobody"), (3, "mac", "x"),
    ]  # fmt: skip
    assert all(e["detail"] and e["allowed"] for e in errors)
    if query:
        actions = [(row["row"], row["action"]) for row in answer.json["rows"]]
        assert actions == [(2, "error"), (3, "error"), (4, "create")]
    assert phones(api) == []
    assert api.get(f"{HISTORY}?kind=phone").json["total"] == 0


def test_the_errors_that_are_answered_are_bounded(api):
    answer = post(api, "users", "name\n" + "a/b\n" * 1_200)
    assert len(answer.json["errors"]) == 1_000
    # The name, the missing extension, and all but the first row name the same user.
    assert answer.json["more_errors"] == 2 + 1_199 - 1_000
    assert answer.json["detail"] == "1201 errors."


BAD_FILES = [
    ("UTF-16", "mac\n1\n".encode("utf-16"), None),
    ("Latin-1", "mac,note\n001565aabb01,è\n".encode("latin-1"), 2),
    ("a NUL character", b"mac,note\n001565aabb01,a\0b\n", 2),
    ("a quote that never closes", b'mac,note\n001565aabb01,"x\n', 2),
    ("a formula", b"mac,note\n001565aabb01,=1+1\n", 2),
    ("an unknown column", b"mac,colour\n001565aabb01,red\n", 1),
    ("a missing column", b"note\nx\n", 1),
    ("the same phone twice", b"mac\n001565aabb01\n00:15:65:AA:BB:01\n", 3),
    ("50,000 rows", b"mac\n" + b"001565aabb01\n" * 50_000, None),
    ("nothing", b"", None),
]


@pytest.mark.parametrize(
    ("table", "row"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES]
)
def test_a_bad_file_is_refused_whole_with_its_place(api, table, row):
    answer = post(api, "phones", table)
    assert answer.status_code == 422
    assert [error["row"] for error in answer.json["errors"]] == [row]
    assert answer.json["errors"][0]["detail"].endswith(".")
    assert phones(api) == []


def test_a_table_with_a_mark_and_semicolons_is_taken(api):
    assert post(api, "users", b"\xef\xbb\xbf" + USERS.encode(), "").json["counts"]["create"] == 2


def test_a_table_that_names_its_character_set_is_taken(api):
    assert post(api, "users", USERS, content_type="text/csv; charset=utf-8").status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_only_tables_are_taken(api, kind):
    answer = post(api, "users", USERS, content_type=kind)
    assert answer.status_code == 415
    assert CSV in answer.json["detail"]


def test_a_table_may_be_larger_than_a_document(api):
    table = "mac,note\n" + "".join(f"001565{n:06x},{'x' * 499}\n" for n in range(2_500))
    assert len(table) > 1_000_000
    assert post(api, "phones", table, "?dry_run=1").json["counts"]["create"] == 2_500


@pytest.mark.parametrize("chunked", [False, True])
def test_a_table_over_the_limit_is_refused_with_the_limit(api, chunked):
    headers = (
        {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(MAX_BYTES + 2)}
    )
    answer = api.post(
        f"{IMPORTS}/phones",
        input_stream=io.BytesIO(bytes(MAX_BYTES + 1)),
        content_type=CSV,
        headers=headers,
        environ_overrides={"wsgi.input_terminated": True} if chunked else {},
    )
    assert answer.status_code == 413
    assert answer.json["type"] == "/problems/too-large"
    assert "20,000,000 bytes" in answer.json["detail"]


def test_create_only_refuses_what_is_there(api, filled):
    for kind, table in (("users", USERS), ("phones", PHONES), ("keys", KEYS)):
        answer = post(api, kind, table, "?create_only=true")
        assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["phones", "users", "keys"])
def test_an_export_is_a_file_that_can_be_imported_without_a_change(api, filled, kind):
    answer = api.get(f"{EXPORTS}/{kind}")
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    imported = post(api, kind, answer.data).json
    assert not imported["applied"]
    assert {row["action"] for row in imported["rows"]} == {"unchanged"}


def test_the_filters_of_the_list_of_phones_filter_its_export_too(api, filled):
    def exported(query: str) -> int:
        return api.get(f"{EXPORTS}/phones?{query}").text.count("00-15-65-")

    assert exported("") == 2
    assert exported("model=yealink-T48") == exported("user=ada") == exported("search=202") == 1
    assert exported("vendor=snom") == 0
    assert api.get(f"{EXPORTS}/phones?state=unheard_of").status_code == 422


def test_secrets_are_exported_only_when_asked_for_and_that_is_recorded(api, filled):
    post(api, "phones", f"mac,set:adminpw,set:language\n{MAC},s3cret,it\n")
    assert "s3cret" not in api.get(f"{EXPORTS}/phones?settings=true").text
    assert "set:" not in api.get(f"{EXPORTS}/phones").text
    assert "show" not in {c["action"] for c in api.get(f"{HISTORY}?subject={MAC}").json["items"]}

    told = api.get(f"{EXPORTS}/phones?secrets=true").text

    assert "s3cret" in told
    [newest, *_] = api.get(f"{HISTORY}?subject={MAC}").json["items"]
    assert (newest["action"], newest["actor"]) == ("show", "token:tests")


def test_no_answer_of_an_import_tells_a_secret(api, filled):
    table = f"mac,set:adminpw,set:language\n{MAC},s3cret,it\n001565aabb09,s3cret,xx\n"
    for query in ("", "?dry_run=true"):
        assert "s3cret" not in post(api, "phones", table, query).text
        assert "s3cret" not in post(api, "phones", table.replace(",xx", ",en"), query).text
    assert "s3cret" not in api.get(HISTORY).text


def test_an_import_shows_in_the_history_of_each_phone(api, filled):
    items = api.get(f"{HISTORY}?subject={MAC}").json["items"]
    assert [(item["kind"], item["action"]) for item in reversed(items)] == [
        ("phone", "create"), ("link", "create"), ("phone", "change"),
    ]  # fmt: skip
    assert {item["actor"] for item in items} == {"token:tests"}
