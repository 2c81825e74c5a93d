"""Files that devices fetch: wallpapers, firmware, ringtones."""

import io

import pytest
from served import YEALINK, Served

from provisioning.services import files

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def firmware(served: Served) -> str:
    """The path of an uploaded file, with the permanent token of a phone."""
    files.save(served.site, "firmware", "T46-1.2.rom", io.BytesIO(CONTENT), by="tests")
    return f"{served.register().tok2}/firmware/T46-1.2.rom"


def test_a_file_is_served_whole_with_its_length(served: Served, firmware):
    answer = served.ask(firmware)

    assert answer.status_code == 200
    assert answer.data == CONTENT
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("collection", ["backgrounds", "firmware", "ringtones", "screensavers"])
def test_each_collection_has_its_own_files(served: Served, collection):
    token = served.register().tok1
    files.save(served.site, collection, "a(1).b-c_d", io.BytesIO(b"content"), by="tests")

    assert served.ask(f"{token}/{collection}/a(1).b-c_d").data == b"content"
    others = {"backgrounds", "firmware", "ringtones", "screensavers"} - {collection}
    assert {served.ask(f"{token}/{name}/a(1).b-c_d").status_code for name in others} == {404}


@pytest.mark.parametrize(
    ("asked", "got", "told"),
    [
        ("bytes=0-0", CONTENT[:1], "bytes 0-0/10240"),
        ("bytes=100-199", CONTENT[100:200], "bytes 100-199/10240"),
        ("bytes=10000-", CONTENT[10000:], "bytes 10000-10239/10240"),
        ("bytes=-5", CONTENT[-5:], "bytes 10235-10239/10240"),
        ("bytes=10000-99999", CONTENT[10000:], "bytes 10000-10239/10240"),
    ],
)
def test_a_download_can_be_continued(served: Served, firmware, asked, got, told):
    answer = served.ask(firmware, headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.data == got
    assert answer.headers["Content-Range"] == told


def test_a_part_behind_the_end_is_refused_and_not_a_failure(served: Served, firmware):
    answer = served.ask(firmware, headers={"Range": "bytes=20000-"})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */10240"
    assert served.last_request().status == 416


@pytest.mark.parametrize(
    "asked", ["bytes=x-y", "lines=1-2", "bytes=5-2", "bytes", "-", "bytes=--1"]
)
def test_a_range_that_makes_no_sense_gets_the_whole_file(served: Served, firmware, asked):
    answer = served.ask(firmware, headers={"Range": asked})

    assert (answer.status_code, answer.data) in [(200, CONTENT), (416, answer.data)]


def test_head_tells_the_length_without_the_bytes(served: Served, firmware):
    answer = served.ask(firmware, method="HEAD")

    assert answer.status_code == 200
    assert answer.data == b""
    assert answer.headers["Content-Length"] == str(len(CONTENT))


def test_a_file_the_device_has_is_not_sent_again(served: Served, firmware):
    first = served.ask(firmware)
    by_etag = served.ask(firmware, headers={"If-None-Match": first.headers["ETag"]})
    by_time = served.ask(firmware, headers={"If-Modified-Since": first.headers["Last-Modified"]})

    for again in (by_etag, by_time):
        assert (again.status_code, again.data) == (304, b"")
    assert served.last_request().outcome == "unchanged"


def test_a_file_is_given_to_nobody_without_a_token(served: Served, firmware):
    name = firmware.partition("/")[2]

    assert served.ask(name).status_code == 404
    assert served.ask(f"{'0' * 32}/{name}").status_code == 404


def test_an_unknown_file_looks_like_an_unknown_token(served: Served, firmware):
    token = firmware.partition("/")[0]
    unknown_file = served.ask(f"{token}/firmware/nothing.rom")
    unknown_token = served.ask(f"{'0' * 32}/firmware/T46-1.2.rom")

    assert unknown_file.status_code == unknown_token.status_code == 404
    assert unknown_file.data == unknown_token.data == b""
    assert list(unknown_file.headers) == list(unknown_token.headers)


def test_names_are_taken_as_they_are_written(served: Served, firmware):
    assert served.ask(firmware.replace("T46", "t46")).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "..", ".", "", ".hidden", "../firmware/T46-1.2.rom", "../../provisioning.sqlite",
        "..%2fprovisioning.sqlite", "..\\provisioning.sqlite", "/etc/passwd", "T46-1.2.rom/",
        "T46-1.2.rom\x00.png", "caf\u00e9.png", "a" * 300, "sub", "sub/inside", "out",
        "T46-1.2.rom ",
    ],
)  # fmt: skip
def test_nothing_outside_a_collection_is_served(served: Served, firmware, name):
    token = firmware.partition("/")[0]
    folder = served.site.collection("firmware")
    (folder / ".hidden").write_bytes(b"hidden")
    (folder / "sub").mkdir()
    (folder / "sub" / "inside").write_bytes(b"inside")
    (folder / "out").symlink_to(served.settings.state / "provisioning.sqlite")

    answer = served.ask(f"{token}/firmware/{name}")

    assert (answer.status_code, answer.data) == (404, b"")


def test_a_link_that_leads_nowhere_is_no_file(served: Served, firmware):
    (served.site.collection("firmware") / "gone").symlink_to("nothing")

    assert served.ask(f"{firmware.partition('/')[0]}/firmware/gone").status_code == 404


def test_the_files_are_found_where_the_state_directory_is_a_link(
    served: Served, firmware, tmp_path
):
    """There Tancredi stored a file and then could not find it."""
    link = tmp_path / "link"
    link.symlink_to(served.settings.state)
    served.site.state = link

    assert served.ask(firmware).data == CONTENT


def test_fetching_a_file_is_a_contact_of_the_phone(served: Served, firmware):
    served.ask(firmware)

    request = served.last_request()
    assert (request.phone, request.access) == (str(YEALINK), "tok2")
    assert (request.file, request.outcome) == ("firmware/T46-1.2.rom", "served")
