"""Files through the API."""

import io

import pytest

FIRMWARE = "/api/v1/files/firmware"
BYTES = "application/octet-stream"


def put(api, name, content=b"firmware"):
    return api.put(f"{FIRMWARE}/{name}", data=content, content_type=BYTES)


def test_an_uploaded_file_is_listed_replaced_and_removed(api):
    assert api.get(FIRMWARE).json == {"items": []}
    answer = put(api, "T46.rom")
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{FIRMWARE}/T46.rom"
    assert (answer.json["name"], answer.json["size"]) == ("T46.rom", 8)
    assert put(api, "T46.rom", b"newer firmware").status_code == 200
    assert [item["size"] for item in api.get(FIRMWARE).json["items"]] == [14]
    assert api.delete(f"{FIRMWARE}/T46.rom").status_code == 204
    assert api.delete(f"{FIRMWARE}/T46.rom").status_code == 404


def test_a_file_may_be_larger_than_a_document(api):
    assert put(api, "big.rom", bytes(3_000_000)).json["size"] == 3_000_000


def test_an_upload_in_pieces_is_stored_whole(api):
    """Programs that do not know the length send chunks."""
    answer = api.put(
        f"{FIRMWARE}/pieces.rom",
        input_stream=io.BytesIO(bytes(2_500_000)),
        content_type=BYTES,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.json["size"] == 2_500_000


def test_an_upload_that_breaks_off_leaves_nothing(api):
    answer = api.put(
        f"{FIRMWARE}/half.rom",
        input_stream=io.BytesIO(b"half"),
        content_type=BYTES,
        environ_overrides={"CONTENT_LENGTH": "1000"},
    )
    assert answer.status_code == 400
    assert api.get(FIRMWARE).json == {"items": []}


def test_more_than_the_limit_is_refused_before_it_is_read(api):
    answer = api.put(
        f"{FIRMWARE}/huge.rom",
        input_stream=io.BytesIO(b"x"),
        content_type=BYTES,
        environ_overrides={"CONTENT_LENGTH": str(10**10)},
    )
    assert answer.status_code == 413
    assert answer.json["type"] == "/problems/too-large"


@pytest.mark.parametrize("name", [".hidden", "..", "%2e%2e", "a b", "ä.rom", "x" * 201])
def test_a_name_that_is_not_allowed_is_refused(api, name):
    assert put(api, name).status_code in (404, 422)
    assert api.get(FIRMWARE).json == {"items": []}


@pytest.mark.parametrize("collection", ["..", "templates", "%2e%2e"])
def test_there_are_no_other_collections(api, collection):
    assert api.get(f"/api/v1/files/{collection}").status_code == 404
    answer = api.put(f"/api/v1/files/{collection}/x.rom", data=b"x", content_type=BYTES)
    assert answer.status_code == 404


def test_a_form_is_not_a_file(api):
    answer = api.put(f"{FIRMWARE}/x.rom", data={"file": (io.BytesIO(b"x"), "x.rom")})
    assert answer.status_code == 415
