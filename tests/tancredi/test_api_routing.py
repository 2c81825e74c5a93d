"""Paths, methods and bodies of Tancredi's API."""

import itertools
import json

import pytest

COLLECTIONS = ("backgrounds", "firmware", "ringtones", "screensavers")
MAC = "00-15-65-AA-BB-01"
PATHS = {
    "/phones": "GET, PATCH, POST",
    "/phones/": "PATCH",
    f"/phones/{MAC}": "DELETE, GET, PATCH",
    f"/phones/{MAC}/tok1": "POST",
    "/models": "GET, POST",
    "/models/yealink-T46": "DELETE, GET, PATCH",
    "/models/yealink-T46/version/original": "GET",
    "/defaults": "GET, PATCH",
    "/macvendors": "GET",
    **{f"/{collection}": "GET, POST" for collection in COLLECTIONS},
    **{f"/{collection}/x": "DELETE" for collection in COLLECTIONS},
}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"}


def test_a_wrong_method_is_405_with_the_right_ones(api):
    for path, allowed in PATHS.items():
        for method in METHODS - set(allowed.split(", ")):
            answer = api.call(method, path)
            assert (path, method, answer.status_code) == (path, method, 405)
            assert answer.headers["Allow"] == allowed


def test_options_tells_the_methods(api):
    for path, allowed in PATHS.items():
        answer = api.call("OPTIONS", path)
        assert (answer.status_code, answer.data) == (200, b"")
        told = set(answer.headers["Allow"].split(", "))
        assert (path, told & METHODS) == (path, set(allowed.split(", ")))


def test_head_is_get_without_a_body(api):
    api.create_phone(MAC)
    for path in [path for path, allowed in PATHS.items() if "GET" in allowed]:
        read, looked = api.call("GET", path), api.call("HEAD", path)
        assert (looked.status_code, looked.data) == (200, b"")
        assert looked.headers["Content-Type"] == "application/json"
        assert looked.headers["Content-Length"] == str(len(read.data))


UNKNOWN = [
    "", "/", "/phone", "/Phones", "//phones", "/models/", "/defaults/", "/macvendors/",
    "/firmware/", "/firmware/a/", "/firmware/a/b", f"/phones/{MAC}/", f"/phones/{MAC}/tok2",
    f"/phones/{MAC}/tok1/", f"/phones//{MAC}", "/phones/a%2fb", "/models/yealink-T46/",
    "/models/yealink-T46/version", "/models/yealink-T46/version/", "/models/a/version/1",
    "/models/yealink-T46/version/Original", "/models/yealink-T46/version/original/",
    "/defaults/language", "/screensaver", "/wallpapers", "/phones/../models", "/%2e%2e",
]  # fmt: skip


def test_an_unknown_path_is_not_found(api, not_found):
    for path in UNKNOWN:
        for method in (*METHODS, "OPTIONS"):
            not_found(api.call(method, path))
        assert api.call("HEAD", path).status_code == 404


def test_paths_are_decoded_before_they_are_looked_up(api):
    api.create_phone(MAC)
    assert api.document("/%70hones/00%2D15-65-AA-BB-01")["mac"] == MAC


# Bodies

WRITES = [
    ("POST", "/phones"),
    ("POST", "/models"),
    ("PATCH", f"/phones/{MAC}"),
    ("PATCH", "/models/yealink-T46"),
    ("PATCH", "/defaults"),
]


@pytest.fixture
def before(api):
    """Everything there is; the tests compare it with what is there after a refusal."""
    api.create_phone(MAC)

    def everything():
        paths = ("/phones", f"/phones/{MAC}", "/models", "/models/yealink-T46", "/defaults")
        return [api.document(path) for path in paths]

    seen = everything()
    yield
    assert everything() == seen


NO_OBJECTS = [
    b"{", b"x", b"[]", b"[1]", b'"x"', b"1", b"null", b"true", b"{'a':1}", b'{"a":1}{"b":2}',
    b"\xff\xfe\x00", b'{"a":"\xff"}', b"\x00", b"[" * 100_000, b'{"a":' * 100_000,
    b'{"a":' + b"9" * 5000 + b"}",
]  # fmt: skip


def test_a_body_that_is_no_object_is_refused(api, refused, before):
    for body, (method, path) in itertools.product(NO_OBJECTS, WRITES):
        answer = api.call(method, path, data=body, content_type="application/json")
        assert refused(answer, 400, "malformed-data", "Malformed request body")


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "text/xml", ""]
)
def test_a_body_of_another_kind_is_refused(api, refused, before, kind):
    for method, path in WRITES:
        answer = api.call(method, path, data=b'{"variables":{}}', content_type=kind)
        detail = refused(answer, 400, "malformed-data", "Malformed request body")
        assert "Content-Type" in detail


@pytest.mark.parametrize(
    "kind", ["application/json;charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
def test_json_may_be_called_by_any_of_its_names(api, kind):
    body = json.dumps({"mac": MAC, "display_name": "é"}).encode()
    assert api.call("POST", "/phones", data=body, content_type=kind).json["display_name"] == "é"


def test_a_missing_body_is_answered_like_an_empty_object(api, refused, is_bare, before):
    refused(api.call("POST", "/phones"), 400, "malformed-data", "Missing MAC address")
    refused(api.call("POST", "/models"), 400, "malformed-data", "Missing model name")
    is_bare(api.call("PATCH", f"/phones/{MAC}"), 400)
    is_bare(api.call("PATCH", "/models/yealink-T46"), 400)
    refused(api.call("PATCH", "/defaults"), 400, "malformed-data", "Malformed request body")


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [
        ("POST", "/phones", {"mac": "00-15-65-AA-BB-02"}),
        ("POST", "/models", {"name": "acme-M"}),
        ("PATCH", f"/phones/{MAC}", {}),
        ("PATCH", "/models/yealink-T46", {}),
    ],
)
def test_settings_that_are_no_object_are_refused(api, refused, before, method, path, document):
    for variables in (None, [], ["a"], "a", "", 1, True, False):
        answer = api.call(method, path, {**document, "variables": variables})
        detail = refused(answer, 400, "malformed-data", "Malformed request body")
        assert detail == "variables must be an object."


def test_a_body_without_end_is_refused_before_it_is_read(api, before):
    body = b'{"variables":{"a":"' + b"x" * (5 * 1024 * 1024) + b'"}}'
    answer = api.call("PATCH", "/models/yealink-T46", data=body, content_type="application/json")
    assert answer.status_code == 413
