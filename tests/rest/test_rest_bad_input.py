"""Whatever is sent, the answer is a problem document that says what was wrong."""

import pytest

PHONES = "/api/v1/phones"
MAC = "00-15-65-AA-BB-02"

BODIES = [
    ("not JSON", b"{", 400, None),
    ("no body", b"", 400, None),
    ("not UTF-8", b'{"mac": "\xff"}', 400, None),
    ("a list", b"[]", 422, "#"),
    ("a text", b'"x"', 422, "#"),
    ("null", b"null", 422, "#"),
    ("100,000 brackets", b"[" * 100_000, 400, None),
    ("a number of 5,000 digits", b'{"mac": ' + b"1" * 5000 + b"}", 400, None),
    ("no address", b"{}", 422, "#/mac"),
    ("an address that is none", b'{"mac": "x"}', 422, "#/mac"),
    ("an address that is a number", b'{"mac": 1}', 422, "#/mac"),
    ("an unknown member", b'{"mac": "001565000001", "colour": "red"}', 422, "#/colour"),
    (
        "an unknown member with half a character",
        b'{"mac": "001565000001", "\\ud800": 1}',
        422,
        "#/\\ud800",
    ),
    ("a slash in a member", b'{"mac": "001565000001", "a/b~": 1}', 422, "#/a~1b~0"),
    ("a name of two lines", b'{"mac": "001565000001", "display_name": "a\\nb"}', 422, None),
    (
        "half a character",
        b'{"mac": "001565000001", "display_name": "\\ud800"}',
        422,
        "#/display_name",
    ),
    ("NUL in a model", b'{"mac": "001565000001", "model": "\\u0000"}', 422, "#/model"),
    ("settings as a list", b'{"mac": "001565000001", "variables": []}', 422, "#/variables"),
    (
        "a setting that is an object",
        b'{"mac": "001565000001", "variables": {"language": {}}}',
        422,
        "#/variables/language",
    ),
    (
        "a setting that is no number",
        b'{"mac": "001565000001", "variables": {"brightness": NaN}}',
        422,
        "#/variables/brightness",
    ),
    (
        "a setting without end",
        b'{"mac": "001565000001", "variables": {"brightness": 1e999}}',
        422,
        "#/variables/brightness",
    ),
    (
        "a setting with half a character",
        b'{"mac": "001565000001", "variables": {"x": "\\ud800"}}',
        422,
        "#/variables/x",
    ),
    (
        "a setting whose name is none",
        b'{"mac": "001565000001", "variables": {"a/b": ""}}',
        422,
        "#/variables/a~1b",
    ),
    (
        "a member twice, wrong at last",
        b'{"mac": "001565000001", "mac": ""}',
        422,
        "#/mac",
    ),
]


@pytest.mark.parametrize(
    ("body", "status", "pointer"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
def test_a_wrong_body_is_refused_and_nothing_happens(api, body, status, pointer):
    answer = api.post(PHONES, data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"].startswith("/problems/")
    if pointer:
        assert pointer in [error.get("pointer") for error in answer.json["errors"]]
    assert api.get(PHONES).json["total"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=-1",
        "page=99999999999999999999",
        "page_size=501",
        "page_size=0",
        "page_size=1e3",
    ],
)
def test_a_wrong_query_is_refused(api, query):
    answer = api.get(f"{PHONES}?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("search", ["%", "_", "-", "%00", "%ff", "'", '"', "\\", "%F0%9F%93%9E"])
def test_any_search_is_answered(api, phone, search):
    assert api.get(f"{PHONES}?search={search}").status_code in (200, 422)


def test_a_body_over_a_megabyte_is_refused(api):
    answer = api.post(PHONES, data=b" " * 1_000_001, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json["type"] == "/problems/too-large"


def test_another_kind_of_body_is_refused(api):
    answer = api.post(PHONES, data="mac=001565000001", content_type="text/plain")
    assert answer.status_code == 415
    assert "application/json" in answer.json["detail"]


def test_a_method_that_is_not_there_tells_those_that_are(api):
    answer = api.put(PHONES)
    assert answer.status_code == 405
    assert answer.json["type"] == "/problems/method-not-allowed"
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("path", ["/api/", "/api/v2/phones", "/api/v1/nothing", f"{PHONES}/x"])
def test_an_unknown_path_is_a_problem_document_too(anonymous, path):
    answer = anonymous.get(path)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{PHONES}/{MAC}"),
        ("PATCH", f"{PHONES}/{MAC}"),
        ("DELETE", f"{PHONES}/{MAC}"),
        ("GET", f"{PHONES}/{MAC}/effective"),
        ("GET", f"{PHONES}/{MAC}/preview"),
        ("GET", f"{PHONES}/{MAC}/preview?secrets=1"),
        ("GET", f"{PHONES}/{MAC}/secrets"),
        ("POST", f"{PHONES}/{MAC}/tok1"),
        ("GET", "/api/v1/models/none"),
        ("PATCH", "/api/v1/models/none"),
        ("DELETE", "/api/v1/models/none"),
        ("GET", "/api/v1/models/none/shipped"),
        ("GET", "/api/v1/vendors/none"),
    ],
)
def test_what_is_not_there_is_not_found(api, method, path):
    body = {"json": {}} if method == "PATCH" else {}
    answer = api.open(path, method=method, headers={"If-Match": "*"}, **body)
    assert answer.status_code == 404
    assert answer.json["type"] == "/problems/not-found"
    assert answer.json["detail"].startswith("There is no ")


def test_a_failure_inside_tells_nothing_but_that(app, api, monkeypatch):
    def fail(*_args, **_options):
        raise RuntimeError("a password in the text of an error")

    monkeypatch.setattr("provisioning.services.phone_lists.page", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = api.get(PHONES)
    assert answer.status_code == 500
    assert answer.json["type"] == "/problems/internal-error"
    assert "password" not in answer.text
