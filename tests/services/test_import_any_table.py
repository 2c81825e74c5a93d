"""Whatever stands in a table, its import ends in a plan that can be told."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import MAC, OTHER, add_people, register

from provisioning.services import layouts, links
from provisioning.services.imports.keys import import_keys
from provisioning.services.imports.phones import import_phones
from provisioning.services.imports.users import import_users
from provisioning.services.tables import columns_of
from provisioning.store.database import version

IMPORTS = {"phones": import_phones, "users": import_users, "keys": import_keys}
WORDS = st.sampled_from(
    [
        "-", "(none)", "(inherit)", "'-", "********", "ada", "bob", "201", "202", "209", MAC, OTHER,
        "001565aabb03", "yealink-T46", "Desk", "a|b", "linekey", "softkey", "1", "3", "blf", "dnd",
        "yes", "=1", "+39 0721", "\r", "x" * 300,
    ]
)  # fmt: skip
CELLS = WORDS | st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.just("")


@pytest.fixture
def small_site(site):
    add_people()
    links.link(register(site, variables={"adminpw": "x", "linekey_type_3": "blf"}), "ada", by="t")
    layouts.create(site, "Desk", variables={"linekey_type_1": "dnd"}, by="t")
    return site


@pytest.mark.parametrize("kind", IMPORTS)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_has_an_outcome_and_nothing_is_half_done(small_site, kind, data):
    columns = columns_of(small_site, kind)
    names = [*columns.fixed, "set:contrast", "set:adminpw"] if kind == "phones" else columns.fixed
    rows = data.draw(
        st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), min_size=1, max_size=4)
    )
    written = io.StringIO(newline="")
    csv.writer(written).writerows([names, *rows])
    before = version()

    plan = IMPORTS[kind](small_site, written.getvalue().encode(), by="t")

    assert [row.row for row in plan.rows] == [n for n, row in enumerate(rows, 2) if any(row)]
    assert bool(plan.errors) == bool(plan.counts["error"])
    assert plan.applied == (version() > before)
    assert not (plan.applied and plan.errors)
    for error in (*plan.errors, *plan.warnings):
        assert error.detail.endswith(".")
        assert error.column in (*names, "")
