"""Answering again: what did not change is neither rendered nor sent, what did is never outdated."""

import pytest
from served import SNOM, YEALINK, Served

from provisioning.engine.mac import MacAddress
from provisioning.engine.rendering import Renderer
from provisioning.services import defaults, files, models, phones

FILE = f"{YEALINK.bare}.cfg"
OTHER = MacAddress.parse("00-15-65-AA-BB-02")


@pytest.fixture
def renderings(monkeypatch) -> list[str]:
    """Grows by the address of the phone with every rendering."""
    seen: list[str] = []
    render = Renderer.render

    def counted(self, template, phone, variables):
        seen.append(str(phone.mac))
        return render(self, template, phone, variables)

    monkeypatch.setattr(Renderer, "render", counted)
    return seen


def etag_of(served: Served, path: str) -> str:
    return served.ask(path).headers["ETag"]


def test_what_a_device_has_already_is_not_sent_again(served: Served):
    phone = served.register()
    path = f"{phone.tok2}/{FILE}"
    first = served.ask(path)

    for asked in (
        first.headers["ETag"],
        f"W/{first.headers['ETag']}",
        f'"x", {first.headers["ETag"]}',
        "*",
    ):
        again = served.ask(path, headers={"If-None-Match": asked})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "private"
    assert served.ask(path, headers={"If-None-Match": '"other"'}).data == first.data


def test_unchanged_is_answered_without_rendering_even_by_a_fresh_process(
    served: Served, start, renderings
):
    phone = served.register()
    path = f"{phone.tok2}/{FILE}"
    etag = etag_of(served, path)
    renderings.clear()

    answer = start().ask(path, headers={"If-None-Match": etag})

    assert answer.status_code == 304
    assert renderings == []


def test_the_same_file_is_rendered_once(served: Served, renderings):
    phone = served.register()

    bodies = {served.ask(f"{phone.tok2}/{FILE}").data for _ in range(3)}

    assert len(bodies) == 1
    assert renderings == [str(YEALINK)]


def test_a_change_of_another_phone_costs_this_one_nothing(served: Served, renderings):
    phone = served.register()
    other = served.register(OTHER)
    before = served.ask(f"{phone.tok2}/{FILE}")

    phones.change(served.site, OTHER, variables={"language": "it"}, by="tests")
    phones.rotate_tok1(OTHER, by="tests")
    served.ask(f"{other.tok2}/{OTHER.bare}.cfg")
    after = served.ask(f"{phone.tok2}/{FILE}")

    assert after.headers["ETag"] == before.headers["ETag"]
    assert after.data == before.data
    assert renderings == [str(YEALINK), str(OTHER)]


def change_defaults(served: Served) -> None:
    defaults.change(served.site, {"timezone": "Asia/Tokyo"}, by="tests")


def change_model(served: Served) -> None:
    models.change(served.site, "yealink-T46", variables={"linekey_type_9": "dnd"}, by="tests")


def change_phone(served: Served) -> None:
    phones.change(served.site, YEALINK, variables={"account_username_1": "renamed"}, by="tests")


def give_another_model(served: Served) -> None:
    phones.change(served.site, YEALINK, model="yealink-T48", by="tests")


def change_hostname(served: Served) -> None:
    phones.change(served.site, YEALINK, variables={"hostname": "other.example.org"}, by="tests")


def upload_background(served: Served) -> None:
    import io

    files.save(served.site, "backgrounds", "logo.png", io.BytesIO(b"png"), by="tests")


CHANGES = [
    change_defaults, change_model, change_phone, give_another_model, change_hostname,
    upload_background,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_reaches_the_phone_at_its_next_request(served: Served, start, change):
    """In the process that made it and in every other one."""
    phone = served.register(variables={"background_file": "logo.png"})
    path = f"{phone.tok2}/{FILE}"
    elsewhere = start()
    before = served.ask(path)
    assert elsewhere.ask(path).data == before.data

    change(served)

    for process in (served, elsewhere):
        after = process.ask(path, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert after.data != before.data
        assert after.headers["ETag"] != before.headers["ETag"]


def test_two_processes_name_the_same_configuration_alike(served: Served, start):
    phone = served.register()
    path = f"{phone.tok2}/{FILE}"

    assert etag_of(served, path) == etag_of(start(), path)


def test_a_deleted_file_is_no_longer_asked_for(served: Served):
    phone = served.register(variables={"background_file": "logo.png"})
    path = f"{phone.tok2}/{FILE}"
    upload_background(served)
    assert "logo.png" in served.ask(path).text

    files.delete(served.site, "backgrounds", "logo.png", by="tests")

    assert "logo.png" not in served.ask(path).text


def test_a_file_put_into_the_folder_by_hand_counts_like_an_uploaded_one(served: Served):
    phone = served.register(variables={"background_file": "logo.png"})
    path = f"{phone.tok2}/{FILE}"
    assert "logo.png" not in served.ask(path).text
    folder = served.site.collection("backgrounds")
    folder.mkdir(parents=True)
    (folder / "logo.png").write_bytes(b"png")

    served.site._looked_at = float("-inf")  # as if a second had passed

    assert f"{phone.tok2}/backgrounds/logo.png" in served.ask(path).text


def test_the_kinds_of_access_never_share_an_answer(served: Served):
    phone = served.register()

    etags = {etag_of(served, f"{path}{FILE}") for path in ("", f"{phone.tok1}/", f"{phone.tok2}/")}

    assert len(etags) == 3


def test_what_depends_on_the_firmware_is_rendered_for_each(served: Served):
    """An answer for one firmware must not be given to another."""
    phone = served.register(variables={"account_username_1": "201", "account_encryption_1": "1"})
    path = f"{phone.tok2}/{FILE}"
    old = served.ask(path, user_agent="Yealink SIP-T46G 28.83.0.120 00:15:65:aa:bb:01")
    new = served.ask(path, user_agent="Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01")

    assert old.headers["ETag"] != new.headers["ETag"]


def test_etags_are_of_one_address_only(served: Served):
    one = served.register()
    two = served.register(SNOM, "snom-D785")

    assert etag_of(served, f"{one.tok2}/{FILE}") != etag_of(served, f"{two.tok2}/{SNOM.bare}.xml")


def test_a_failure_is_not_kept(served: Served):
    phone = served.register()
    path = f"{phone.tok2}/{FILE}"
    phones.change(served.site, YEALINK, variables={"tmpl_phone": "nothing.tmpl"}, by="tests")
    assert served.ask(path).status_code == 500

    phones.change(served.site, YEALINK, variables={"tmpl_phone": None}, by="tests")

    assert served.ask(path).status_code == 200
