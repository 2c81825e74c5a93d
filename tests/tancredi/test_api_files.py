"""Uploaded files of Tancredi's API: four collections that behave alike."""

import io
import os

import pytest

COLLECTIONS = ("backgrounds", "firmware", "ringtones", "screensavers")


def upload(api, *files, collection="backgrounds", field="file"):
    """Send files as a form: each a name and a content, or a name alone."""
    parts = [
        (file, "image/png") if isinstance(file, str) else (file[0], "image/png", file[1])
        for file in files
    ]
    data = {field: [(io.BytesIO(p[2] if len(p) > 2 else b"x"), p[0], p[1]) for p in parts]}
    return api.call("POST", f"/{collection}", data=data, content_type="multipart/form-data")


@pytest.fixture
def folder(site):
    """The folder of the wallpapers."""
    return site.collection("backgrounds")


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_file_is_uploaded_listed_and_deleted(api, site, is_bare, not_found, collection):
    assert api.call("GET", f"/{collection}").data == b"[]"
    is_bare(upload(api, ("b.bin", b"\0\xff" * 70_000), collection=collection), 204)
    is_bare(upload(api, ("A(1)_-.bin", b""), collection=collection), 204)
    stored = site.collection(collection) / "b.bin"
    assert stored.read_bytes() == b"\0\xff" * 70_000
    os.utime(stored, (1_700_000_000.9, 1_700_000_000.9))
    os.utime(stored.with_name("A(1)_-.bin"), (1, 1))
    assert api.call("GET", f"/{collection}").data == (
        b'[{"name":"A(1)_-.bin","size":0,"mtime":1},'
        b'{"name":"b.bin","size":140000,"mtime":1700000000}]'
    )
    is_bare(api.call("DELETE", f"/{collection}/b.bin"), 204)
    not_found(api.call("DELETE", f"/{collection}/b.bin"))
    assert [file["name"] for file in api.document(f"/{collection}")] == ["A(1)_-.bin"]
    for other in set(COLLECTIONS) - {collection}:
        assert api.document(f"/{other}") == []


@pytest.mark.parametrize("field", ["backgrounds", "0", "file", "any thing", "é"])
def test_the_name_of_the_form_field_does_not_matter(api, field):
    assert upload(api, "a.png", field=field).status_code == 204
    assert [file["name"] for file in api.document("/backgrounds")] == ["a.png"]


def test_a_file_of_the_same_name_is_overwritten(api):
    upload(api, ("a.png", b"first and long"))
    assert upload(api, ("a.png", b"second")).status_code == 204
    assert [(f["name"], f["size"]) for f in api.document("/backgrounds")] == [("a.png", 6)]


def test_of_several_files_the_last_is_stored(api):
    data = {
        "z": (io.BytesIO(b"1"), "one.png"),
        "a": (io.BytesIO(b"22"), "two.png"),
        "text": "not a file",
    }
    answer = api.call("POST", "/backgrounds", data=data, content_type="multipart/form-data")
    assert answer.status_code == 204
    assert [file["name"] for file in api.document("/backgrounds")] == ["two.png"]
    assert upload(api, "three.png", "four.png").status_code == 204
    assert [file["name"] for file in api.document("/backgrounds")] == ["four.png", "two.png"]


@pytest.mark.parametrize(
    "name",
    [".", "..", "../..", ".hidden", "x/.hidden", "a b.png", "caffè.png", "a;b", "a&b", "<a>", "a'b",
     "${HOME}", "{{7*7}}", "a%2fb", "x" * 201],
)  # fmt: skip
def test_a_name_with_other_characters_is_refused(api, refused, folder, name):
    refused(upload(api, name), 400, "invalid-file-name", "Invalid file name")
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize(
    "sent", ["../../a.png", "/etc/a.png", "C:\\\\Images\\\\a.png", "x/y/a.png"]
)
def test_only_the_last_part_of_a_name_counts(api, folder, sent):
    assert upload(api, sent).status_code == 204
    assert [path.name for path in folder.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    "form",
    [
        {"data": {}, "content_type": "multipart/form-data"},
        {"data": {"file": "text"}, "content_type": "multipart/form-data"},
        {"data": b"", "content_type": "multipart/form-data"},
        {"data": b"broken", "content_type": "multipart/form-data; boundary=x"},
        {"data": b'{"a":1}', "content_type": "application/json"},
        {"data": b"content", "content_type": "image/png"},
        {"data": b"content"},
        {},
    ],
)
def test_a_form_without_a_file_is_refused(api, refused, form):
    refused(
        api.call("POST", "/backgrounds", **form), 400, "malformed-data", "Malformed request body"
    )
    assert api.document("/backgrounds") == []


def test_a_field_that_is_a_list_is_refused(api, refused):
    answer = upload(api, "a.png", field="file[]")
    refused(answer, 400, "malformed-data", "Malformed request body")
    assert api.document("/backgrounds") == []


def test_hidden_files_folders_and_links_elsewhere_are_not_of_the_collection(
    api, not_found, folder, tmp_path
):
    upload(api, "a.png")
    outside = tmp_path / "outside.png"
    outside.write_bytes(b"mine")
    (folder / "link.png").symlink_to(outside)
    (folder / ".hidden").touch()
    (folder / "sub").mkdir()
    for name in ("link.png", ".hidden", "sub", "..", ".", "%2e%2e", "gone.png"):
        not_found(api.call("DELETE", f"/backgrounds/{name}"))
    for name in ("../backgrounds/a.png", "..%2fprovisioning.sqlite", "sub%2f..%2fa.png", "./a.png"):
        assert api.call("DELETE", f"/backgrounds/{name}").status_code == 404
    assert outside.read_bytes() == b"mine"
    assert [path.name for path in sorted(folder.iterdir())] == [
        ".hidden",
        "a.png",
        "link.png",
        "sub",
    ]
    assert "a.png" in [file["name"] for file in api.document("/backgrounds")]
    assert not {".hidden", "sub"} & {file["name"] for file in api.document("/backgrounds")}


def test_a_file_in_the_place_of_a_folder_is_refused(api, refused, folder):
    (folder / "sub").mkdir(parents=True)
    refused(upload(api, "sub"), 400, "invalid-file-name", "Invalid file name")
