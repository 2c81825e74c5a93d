"""Files through the API."""

import io

import pytest

FIRMWARE = "/api/v1/files/firmware"
BYTES = "application/octet-stream"


def put(api, name, content=b"firmware", **headers):
    return api.put(f"{FIRMWARE}/{name}", data=content, content_type=BYTES, headers=headers)


def change(api, path, variables):
    headers = {"If-Match": api.get(path).headers["ETag"]}
    assert api.patch(path, json={"variables": variables}, headers=headers).status_code == 200


def test_an_uploaded_file_is_listed_replaced_and_removed(api):
    assert api.get(FIRMWARE).json == {"items": []}
    answer = put(api, "T46.rom")
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{FIRMWARE}/T46.rom"
    assert (answer.json["name"], answer.json["size"]) == ("T46.rom", 8)
    newer = put(api, "T46.rom", b"newer firmware", **{"If-Match": answer.headers["ETag"]})
    assert newer.status_code == 200
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


def test_every_file_tells_its_etag_and_how_many_name_it(api, phone):
    made = put(api, "T46.rom")
    assert made.json["used_by"] == 0
    change(api, phone, {"firmware_file": "T46.rom"})
    change(api, "/api/v1/models/yealink-T46", {"firmware_file": "T46.rom"})
    change(api, "/api/v1/defaults", {"firmware_file": "T46.rom"})
    put(api, "T48.rom")
    listed = api.get(FIRMWARE).json["items"]
    assert [(item["name"], item["used_by"]) for item in listed] == [("T46.rom", 3), ("T48.rom", 0)]
    shown = api.get(f"{FIRMWARE}/T46.rom")
    assert listed[0]["etag"] == made.headers["ETag"] == shown.headers["ETag"]
    assert shown.json["uses"] == {
        "defaults": True,
        "models": ["yealink-T46"],
        "phones": ["00-15-65-AA-BB-01"],
    }
    assert api.get(f"{FIRMWARE}/gone.rom").status_code == 404


def test_a_file_in_use_is_not_removed_unless_forced(api, phone):
    """Phones were left with an empty reference (seen in Tancredi)."""
    put(api, "T46.rom")
    change(api, phone, {"firmware_file": "T46.rom"})
    answer = api.delete(f"{FIRMWARE}/T46.rom")
    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/in-use"
    assert "the phones 00-15-65-AA-BB-01" in answer.json["detail"]
    assert api.get(FIRMWARE).json["items"]
    assert api.delete(f"{FIRMWARE}/T46.rom?force=true").status_code == 204
    assert api.get(FIRMWARE).json["items"] == []


def test_a_file_is_not_replaced_by_accident(api):
    """Uploading overwrote a file of the same name without asking (seen in Tancredi)."""
    put(api, "T46.rom", b"first")
    answer = put(api, "T46.rom", b"second")
    assert answer.status_code == 428
    assert answer.json["type"] == "/problems/if-match-needed"
    assert [item["size"] for item in api.get(FIRMWARE).json["items"]] == [5]


def test_a_file_that_somebody_replaced_meanwhile_is_shown_and_kept(api):
    seen = {"If-Match": put(api, "T46.rom", b"first").headers["ETag"]}
    second = put(api, "T46.rom", b"other", **seen)
    answer = put(api, "T46.rom", b"mine", **seen)
    assert answer.status_code == 412
    assert answer.json["current"]["size"] == 5
    assert answer.json["current_etag"] == second.headers["ETag"] == answer.json["current"]["etag"]
    assert put(api, "T46.rom", b"mine", **{"If-Match": "*"}).status_code == 200


def test_a_file_that_somebody_removed_meanwhile_does_not_come_back(api):
    seen = {"If-Match": put(api, "T46.rom").headers["ETag"]}
    api.delete(f"{FIRMWARE}/T46.rom")
    assert put(api, "T46.rom", b"mine", **seen).status_code == 412
    assert api.get(FIRMWARE).json["items"] == []


def test_an_upload_that_another_one_overtakes_is_refused(api, app):
    """Half a gigabyte takes minutes; what counts is the file at the end of them."""
    seen = {"If-Match": put(api, "T46.rom", b"first").headers["ETag"]}

    class Slow(io.BytesIO):
        def readinto(self, buffer):
            if not self.tell():
                other = app.test_client(use_cookies=False)
                other.environ_base.update(api.environ_base)
                assert put(other, "T46.rom", b"overtaking", **seen).status_code == 200
            return super().readinto(buffer)

    answer = api.put(
        f"{FIRMWARE}/T46.rom",
        input_stream=Slow(b"slow"),
        content_type=BYTES,
        headers=seen,
        environ_overrides={"CONTENT_LENGTH": "4"},
    )
    assert answer.status_code == 412
    assert api.get(FIRMWARE).json["items"][0]["size"] == 10
