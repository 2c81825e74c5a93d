"""Uploaded files: whole or not at all, under plain names."""

import io

import pytest

from provisioning.services import files
from provisioning.services.errors import BadName, NotFound
from provisioning.services.site import COLLECTIONS


def save(site, name, content=b"content", collection="backgrounds"):
    return files.save(site, collection, name, io.BytesIO(content), by="tests")


def leftovers(site) -> list[str]:
    folder = site.collection("backgrounds")
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_an_uploaded_file_is_listed_with_its_size(site):
    stored = save(site, "a.png", b"12345")

    assert (stored.name, stored.size) == ("a.png", 5)
    assert files.list_all(site, "backgrounds") == [stored]
    assert files.path(site, "backgrounds", "a.png").read_bytes() == b"12345"
    assert all(not files.list_all(site, name) for name in COLLECTIONS if name != "backgrounds")


def test_a_file_of_the_same_name_is_replaced(site):
    save(site, "a.png", b"first")
    save(site, "a.png", b"second, longer")

    assert [file.size for file in files.list_all(site, "backgrounds")] == [14]


def test_a_large_file_arrives_whole(site):
    content = bytes(range(256)) * 10_000

    save(site, "a.bin", content)

    assert files.path(site, "backgrounds", "a.bin").read_bytes() == content


@pytest.mark.parametrize(("sent", "stored"), [("C:\\x\\a.png", "a.png"), ("../../a.png", "a.png")])
def test_folders_in_a_name_are_left_out(site, sent, stored):
    assert save(site, sent).name == stored
    assert leftovers(site) == [stored]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "a b.png", "caf\u00e9.png", "a\x00", "a\n", "x" * 201, "a/", "~"],
)
def test_a_name_that_devices_could_not_ask_for_is_refused(site, name):
    with pytest.raises(BadName):
        save(site, name)

    assert leftovers(site) == []


def test_an_upload_that_breaks_off_leaves_nothing(site):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise OSError("connection lost")
            return super().read(3)

    save(site, "a.png", b"old")
    with pytest.raises(OSError, match="connection lost"):
        files.save(site, "backgrounds", "a.png", Broken(b"new and longer"), by="tests")

    assert leftovers(site) == ["a.png"]
    assert files.path(site, "backgrounds", "a.png").read_bytes() == b"old"


def test_a_folder_of_that_name_is_not_replaced(site):
    (site.collection("backgrounds") / "sub").mkdir(parents=True)

    with pytest.raises(BadName):
        save(site, "sub")

    assert leftovers(site) == ["sub"]


def test_a_deleted_file_is_gone(site):
    save(site, "a.png")
    files.delete(site, "backgrounds", "a.png", by="tests")

    assert files.path(site, "backgrounds", "a.png") is None
    with pytest.raises(NotFound):
        files.delete(site, "backgrounds", "a.png", by="tests")


@pytest.mark.parametrize("name", ["..", "../backgrounds/a.png", "sub", "out", ".hidden", ""])
def test_nothing_outside_a_collection_can_be_deleted(site, name, tmp_path):
    save(site, "a.png")
    folder = site.collection("backgrounds")
    (folder / "sub").mkdir()
    (folder / ".hidden").touch()
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (folder / "out").symlink_to(outside)

    with pytest.raises(NotFound):
        files.delete(site, "backgrounds", name, by="tests")

    assert outside.read_text() == "mine"


def test_hidden_files_and_folders_are_not_listed(site):
    save(site, "a.png")
    folder = site.collection("backgrounds")
    (folder / ".hidden").touch()
    (folder / "sub").mkdir()
    (folder / "gone").symlink_to("nothing")

    assert [file.name for file in files.list_all(site, "backgrounds")] == ["a.png"]
