"""The public host name changes: redirect services learn it, and phones are told where they are."""

import pytest
from processes import running
from site_at_work import until

from peers.rps.falconieri import FakeFalconieri
from provisioning.app import open_site, prepare
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    application_settings,
    defaults,
    operations,
    phones,
    redirect_accounts,
    redirections,
)
from provisioning.settings import Settings
from provisioning.store import phones as stored_phones
from provisioning.store.database import configuration_change, database
from provisioning.store.tables import Proof, Redirection

PHONES = 5_000
PACE = 1_000


@pytest.fixture
def fleet(tmp_path):
    """Five thousand phones that Yealink was told of under the old name, through Falconieri.

    So most sites do it, with one request a phone: what Yealink's own cloud wants besides is tried
    with few phones (``connect/rps``), and would only make this one slow.
    """
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path / "state"),
            "PROVISIONING_PUBLIC_URL": "https://old.example.org",
            "PROVISIONING_ADMIN_PASSWORD": "not-random",
        }
    )
    prepare(settings)
    site = open_site(settings)
    with FakeFalconieri() as cloud:
        redirect_accounts.save("falconieri", cloud.settings, ["yealink"], by="test")
        application_settings.change({"redirect_pace": PACE}, by="test")
        with configuration_change():
            for number in range(PHONES):
                mac = f"80-5E-0C-00-{number // 256:02X}-{number % 256:02X}"
                stored_phones.insert(mac, model="yealink-T46", display_name="", variables={})
                stored_phones.add_token(mac, phones.new_token(), kind=1)
                cloud.devices[MacAddress.parse(mac).bare] = "https://old.example.org/old"
        yield settings, site, cloud
    database.close()


def test_five_thousand_phones_are_told_the_new_name_though_the_worker_is_killed(fleet):
    settings, site, cloud = fleet
    Proof.update(touched_at=None).execute()
    defaults.change(site, {"hostname": "new.example.org"}, by="test")
    environment = {"STATE": str(settings.state), "PUBLIC_URL": "https://old.example.org"}

    def moved() -> int:
        return sum(url.startswith("https://new.example.org/") for url in [*cloud.devices.values()])

    with running("worker", settings=environment) as worker:
        until(lambda: moved() > PHONES / 5, seconds=90)
        worker.kill()
        worker.wait()
    assert moved() < PHONES
    with running("worker", settings=environment):
        until(lambda: Redirection.select().where(Redirection.state == "done").count() == PHONES,
              seconds=120)  # fmt: skip
        _, [progress] = operations.page(kind=redirections.KIND, offset=0, limit=9)
        until(lambda: operations.progress(progress.operation.id).ended)

    progress = operations.progress(progress.operation.id)
    assert (progress.done, progress.failed, progress.skipped) == (PHONES, 0, 0)
    assert moved() == PHONES
    assert cloud.broken_rules == []
    one = MacAddress.parse("80-5E-0C-00-00-07")
    assert cloud.devices[one.bare] == phones.get(site, one).provisioning_url1
    assert progress.operation.finished_at - progress.operation.created_at > PHONES / PACE


def test_phones_fetch_once_from_the_old_name_and_the_admin_sees_the_stragglers(at_work):
    moves, stays, silent = macs = [MacAddress(f"00156500000{n}") for n in range(3)]
    for mac in macs:
        at_work.call("POST", "/phones", {"mac": str(mac), "model": "yealink-T46"})
    at_work.change("PATCH", "/defaults", {"variables": {"hostname": "old.example.org"}})
    for mac in (moves, stays):
        at_work.fetch(mac, host="OLD.example.org:443")
    assert seen(at_work, "/phones?facets=moved") == {"yes": 2}

    at_work.change("PATCH", "/defaults", {"variables": {"hostname": "New.example.org"}})
    for mac in (moves, stays):
        text = at_work.fetch(mac, host="old.example.org")
        assert f"https://New.example.org/provisioning/{token_of(at_work, mac)}" in text
    assert seen(at_work, "/phones?facets=moved") == {"no": 2}
    at_work.fetch(moves, host="new.example.org")

    assert seen(at_work, "/phones?facets=moved") == {"yes": 1, "no": 1}
    assert seen(at_work, "/phones?facets=host", "host") == {
        "new.example.org": 1, "old.example.org": 1,
    }  # fmt: skip
    [straggler] = at_work.get("/phones?moved=false")["items"]
    assert (straggler["mac"], straggler["contact"]["host"]) == (str(stays), "old.example.org")
    assert [row["mac"] for row in at_work.get("/phones?moved=true")["items"]] == [str(moves)]

    # A name of its own is the one that counts for a phone, and for the phones of a model.
    own = {"variables": {"hostname": "old.example.org"}}
    at_work.change("PATCH", f"/phones/{stays}", own)
    assert at_work.get("/phones?moved=false")["total"] == 0
    at_work.change("PATCH", f"/phones/{stays}", {"variables": {"hostname": None}})
    at_work.change("PATCH", "/models/yealink-T46", own)
    assert [row["mac"] for row in at_work.get("/phones?moved=true")["items"]] == [str(stays)]
    assert at_work.get(f"/phones/{silent}")["contact"] is None


def test_without_a_name_in_the_settings_the_public_address_counts(at_work):
    mac = MacAddress("001565000001")
    at_work.call("POST", "/phones", {"mac": str(mac), "model": "yealink-T46"})
    at_work.fetch(mac, host="pbx.example.org:443")
    assert seen(at_work, "/phones?facets=moved") == {"yes": 1}
    at_work.fetch(mac, host="[2001:db8::1]:8080")
    assert seen(at_work, "/phones?facets=host,moved", "host") == {"2001:db8::1": 1}


def token_of(site, mac: MacAddress) -> str:
    return site.get(f"/phones/{mac}/secrets")["tok2"]


def seen(site, path: str, facet: str = "moved") -> dict[str, int]:
    """A facet, once what was fetched is written down."""
    site.application.events.flush()
    return site.get(path)["facets"][facet]
