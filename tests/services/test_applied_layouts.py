"""Which layouts apply to a phone: chosen in memory for drafts, and by the database for delivery."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.services import layouts, phones
from provisioning.services.applied_layouts import AppliedLayouts
from provisioning.services.layouts import Uses
from provisioning.store import devices
from provisioning.store.database import database

MAC = MacAddress.parse("00-15-65-AA-BB-01")
MODELS = ("yealink-T46", "yealink-T48")
TAGS = ("hall", "ward", "Ärzte")
NAMES = ("Reception", "reception", "Zeta", "Ähre", "a")

some_uses = st.builds(
    Uses,
    models=st.lists(st.sampled_from(MODELS), unique=True),
    tags=st.lists(st.sampled_from(TAGS), unique=True),
    phones=st.lists(st.just(str(MAC)), max_size=1),
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    made=st.dictionaries(st.sampled_from(NAMES), some_uses, max_size=4),
    model=st.sampled_from((*MODELS, "")),
    tags=st.lists(st.sampled_from(TAGS), unique=True),
)
def test_a_draft_chooses_the_layouts_that_delivery_chooses(site, made, model, tags):
    with database.atomic() as undone:
        phones.create(site, MAC, model=model, facts=phones.Facts(tags=tuple(tags)), by="tests")
        for name, uses in made.items():
            fills = [Fill("expkey", 1, 9, f"group of {name}", "name")]
            variables = {"linekey_type_1": "blf", "linekey_label_1": f"Tür {name}"}
            layouts.create(site, name, variables=variables, fills=fills, uses=uses, by="tests")
        chosen = AppliedLayouts.stored().of(model=model, tags=tags, mac=str(MAC))
        assert json.loads(chosen) == json.loads(devices.find(str(MAC)).layouts)
        undone.rollback()


def test_a_layout_that_is_to_change_is_left_out_and_put_in_as_it_will_be(site):
    phones.create(site, MAC, model="yealink-T46", by="tests")
    uses = Uses(models=("yealink-T46",))
    layouts.create(site, "Hall", variables={"linekey_type_1": "blf"}, uses=uses, by="tests")
    assert AppliedLayouts.stored(without="Hall").of(model="yealink-T46", tags=(), mac="") == "[]"
