"""The public host name changes: redirect services learn it, and phones are told where they are."""

import pytest
from processes import running
from site_at_work import until

from peers.rps.ymcs import FakeYmcs
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
    """Five thousand phones that were told to Yealink's cloud under the old name."""
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path / "state"),
            "PROVISIONING_PUBLIC_URL": "https://old.example.org",
            "PROVISIONING_ADMIN_PASSWORD": "not-random",
        }
    )
    prepare(settings)
    site = open_site(settings)
    with FakeYmcs() as cloud:
        cloud.may_add_by_mac = True
        redirect_accounts.save("ymcs", cloud.settings, ["yealink"], by="test")
        application_settings.change({"redirect_pace": PACE}, by="test")
        with configuration_change():
            for number in range(PHONES):
                mac = f"80-5E-0C-00-{number // 256:02X}-{number % 256:02X}"
                stored_phones.insert(mac, model="yealink-T46", display_name="", variables={})
                stored_phones.add_token(mac, phones.new_token(), kind=1)
                cloud.own(MacAddress.parse(mac).bare, "https://old.example.org/old")
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
