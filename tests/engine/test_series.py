"""Series: what a ``vendor.yaml`` says of all phones of a vendor, or of a family told apart."""

import pytest

from provisioning.engine.vendor_files import VendorFileError, load_library
from provisioning.engine.vendors import Series

ACME = """\
name: Acme
files: [{pattern: '{mac}\\.txt', role: phone}]
first_boot: {redirect: true, pnp: true, dhcp: filename_macro}
not_offered: [contrast]
families:
  large: {accounts: 6}
  odd:
    series: Acme Odd
    first_boot: {redirect: false, dhcp: directory}
    not_established: [firmware]
models:
  acme-A: {}
  acme-B: {family: large}
  acme-C: {family: odd}
"""


@pytest.fixture
def shipped(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "vendor.yaml").write_text(ACME, encoding="utf-8")
    return tmp_path


def test_a_vendor_is_a_series_and_so_is_a_family_with_a_name_of_its_own(shipped):
    assert load_library([shipped]).vendors["acme"].series == (
        Series("Acme", redirect=True, pnp=True, dhcp="filename_macro", not_offered=("contrast",)),
        Series("Acme Odd", dhcp="directory", not_established=("firmware",)),
    )


def test_a_model_belongs_to_the_series_of_its_family_or_else_of_the_vendor(shipped):
    models = load_library([shipped]).models
    assert [model.series for model in models.values()] == ["Acme", "Acme", "Acme Odd"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("redirect: true,", "redirected: true,", "unknown member; there are dhcp, pnp, redirect"),
        ("redirect: true,", 'redirect: "yes",', "must be true or false"),
        ("    series: Acme Odd\n", "", "need the name of a series"),
        ("not_offered: [contrast]", "not_offered: contrast", "must be a list"),
    ],
)
def test_a_mistake_is_told_with_its_place(shipped, old, new, reason):
    (shipped / "acme" / "vendor.yaml").write_text(ACME.replace(old, new), encoding="utf-8")
    with pytest.raises(VendorFileError, match=reason):
        load_library([shipped])
