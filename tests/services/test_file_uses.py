"""What names an uploaded file, and that such a file is kept."""

import io
from dataclasses import replace

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import Library
from provisioning.services import defaults, file_uses, files, models, phones
from provisioning.services.errors import InUse, NotFound
from provisioning.services.file_uses import FileUses

MAC = MacAddress("001565aabb01")


@pytest.fixture
def logo(site) -> str:
    files.save(site, "backgrounds", "logo.png", io.BytesIO(b"png"), by="test")
    return "logo.png"


def delete(site, name, *, force=False):
    file_uses.delete(site, "backgrounds", name, force=force, by="test")


def test_a_file_that_nothing_names_is_removed(site, logo):
    delete(site, logo)
    assert files.list_all(site, "backgrounds") == []


def test_phones_models_and_defaults_keep_their_file(site, logo):
    phones.create(site, MAC, variables={"background_file": logo}, by="test")
    models.change(site, "yealink-T46", variables={"background_file": logo}, by="test")
    defaults.change(site, {"background_file": logo}, by="test")
    assert file_uses.of_file(site, "backgrounds", logo) == FileUses(
        True, ["yealink-T46"], [str(MAC)]
    )
    expected = f"the defaults, the models yealink-T46, the phones {MAC}"
    with pytest.raises(InUse, match=expected):
        delete(site, logo)
    assert files.find(site, "backgrounds", logo)


def test_a_file_in_use_is_removed_if_forced(site, logo):
    phones.create(site, MAC, variables={"background_file": logo}, by="test")
    delete(site, logo, force=True)
    assert files.list_all(site, "backgrounds") == []


def test_a_file_of_the_same_name_in_another_collection_is_another_one(site, logo):
    phones.create(site, MAC, variables={"screensaver_file": logo}, by="test")
    assert file_uses.of_file(site, "backgrounds", logo).count == 0
    assert file_uses.of_file(site, "screensavers", logo).count == 1
    delete(site, logo)


@pytest.mark.parametrize("variables", [{"background_file": ""}, {"note": "logo.png"}])
def test_explicitly_none_and_other_settings_name_no_file(site, logo, variables):
    phones.create(site, MAC, variables=variables, by="test")
    models.change(site, "yealink-T46", variables={"background_file": ""}, by="test")
    delete(site, logo)


def test_a_refusal_names_some_of_very_many_phones(site, logo):
    for number in range(60):
        mac = MacAddress(f"0015650000{number:02x}")
        phones.create(site, mac, variables={"background_file": logo}, by="test")
    with pytest.raises(InUse, match=r"00-15-65-00-00-31 and 10 more\."):
        delete(site, logo)


def test_what_is_named_and_not_there_is_not_found(site):
    phones.create(site, MAC, variables={"background_file": "gone.png"}, by="test")
    with pytest.raises(NotFound):
        delete(site, "gone.png")


def test_a_model_of_the_sites_own_templates_may_name_a_file(site, logo):
    model = site.library.models["yealink-T46"]
    own = replace(model, variables={**model.variables, "background_file": logo})
    site.library = Library(site.library.vendors, {**site.library.models, own.id: own})
    assert file_uses.of_file(site, "backgrounds", logo).models == ["yealink-T46"]
    models.change(site, "yealink-T46", variables={"background_file": ""}, by="test")
    assert file_uses.of_file(site, "backgrounds", logo).models == []
