"""On random small sites: phones judged together, one by one, and after the change was made."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from drafted import effects_of, fetched, register
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from provisioning.engine.identification import UNKNOWN, identify
from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.services import defaults, drafts, layouts, links, models, phone_files, phones
from provisioning.services import users as user_services
from provisioning.services.drafts import Draft
from provisioning.services.layouts import Uses
from provisioning.services.site import Site
from provisioning.services.users import NewUser
from provisioning.store import devices, proofs
from provisioning.store.concerned import Concerned
from provisioning.store.database import database

# Most of one vendor: only they can be alike.
MACS = (
    *(MacAddress.parse(f"00-15-65-AA-BB-0{n}") for n in range(6)),
    MacAddress.parse("02-00-00-00-00-01"),
)
MODELS = (
    "yealink-T46", "yealink-T46", "yealink-T19", "snom-D785", "fanvil-X4", "fanvil-X3",
    "sangoma-S500", "gigaset-Maxwell3", "gigaset-P825", "nethesis-NPX5", "akuvox-WP480",
    "yealink-nowhere", "",
)  # fmt: skip
SHIPPED = frozenset(MODELS) - {"yealink-nowhere", ""}
USER_AGENTS = ("", "Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01", "Fanvil X4 2.12.0")
TAGS = ("hall", "ward")
USERS = {"anna": "201", "berta": "202", "carla": "203"}

# Values that meet each other: numbers of accounts and codes are values of keys too.
TEXTS = ("", "1", "2", "201", "202", "203", "*8", "Anna")
VALUES = {
    "language": ("it", "de", ""),
    "vlan_id_phone": ("0", "12", ""),
    "brightness": ("3", "8"),
    "logo_text": ("Example", ""),
    "timezone": ("Europe/Rome", "UTC"),
    "adminpw": ("one", "two"),
    "hostname": ("pbx2.example.org", ""),
    "pickup_direct": ("**", "*8", ""),
    "pickup_group": ("*8", "201"),
    "queuetoggle": ("*45", "201"),
    "ringtone": ("1", "3", "-1"),
    "outbound_proxy_1": ("192.0.2.7", ""),
    "outbound_proxy_port_1": ("5070",),
    "dss_transfer": ("blind", "attended"),
    "cap_linekey_count": ("2", "27"),
    "account_username_1": ("201", "202", ""),
    "account_username_2": ("201", ""),
    "account_display_name_1": ("Anna", "Berta", ""),
    "account_dtmf_type_1": ("sip_info", "inband"),
    "account_always_fwd_target_1": ("203", ""),
    "background_file": ("hall.png",),
    "provisioning_url_filename": ("{mac}.cfg", ""),
    "a_setting_of_nobody": ("x",),
}
KEYS = {
    f"{kind}_{member}_{n}": values
    for kind in ("linekey", "softkey", "expkey")
    for n in (1, 2, 3)
    for member, values in {
        "type": ("blf", "line", "speed_dial", "group_pickup", "queuetoggle", "dnd", ""),
        "value": TEXTS,
        "label": ("", "Anna", "Berta"),
        "person": ("anna", "berta", "nobody"),
    }.items()
}


# What one setting does may depend on the others of its row.
THEMES = (
    ("pickup_direct", "linekey_type_1", "linekey_value_1"),
    ("pickup_group", "linekey_type_1", "linekey_value_1", "softkey_type_1", "softkey_value_1"),
    ("queuetoggle", "linekey_type_1", "linekey_value_1"),
    ("outbound_proxy_1", "outbound_proxy_port_1", "account_username_1"),
    ("account_dtmf_type_1", "account_username_1", "account_display_name_1"),
    ("account_username_2", "linekey_type_1", "linekey_value_1", "linekey_type_2"),
    ("cap_linekey_count", "linekey_type_3", "linekey_value_3", "linekey_label_3"),
    ("linekey_type_1", "linekey_value_1", "linekey_label_1", "linekey_person_1"),
    ("softkey_type_2", "softkey_value_2", "softkey_label_2", "softkey_person_2"),
    ("expkey_type_3", "expkey_value_3", "expkey_label_3", "account_username_1"),
    ("hostname", "adminpw", "provisioning_url_filename", "vlan_id_phone"),
    tuple(VALUES),
)
FILLS = st.lists(st.just(Fill("linekey", 1, 4, "sales", "name")), max_size=1)


def some(values: dict[str, tuple[str, ...]], *also: str | None) -> st.SearchStrategy:
    """A few settings of a catalogue."""
    return st.lists(st.sampled_from(sorted(values)), unique=True, max_size=4).flatmap(
        lambda names: st.fixed_dictionaries(
            {name: st.sampled_from((*values[name], *also)) for name in names}
        )
    )


@dataclass(frozen=True)
class SomePhone:
    model: str
    variables: dict[str, str]
    tags: tuple[str, ...]
    user: str
    user_agent: str


@dataclass(frozen=True)
class Made:
    """A draft, and the change that it is a draft of."""

    told: str
    draft: Callable[[Site], Draft]
    change: Callable[[Site], Any]


def of_defaults(patch):
    return Made(
        f"defaults {patch}",
        lambda site: drafts.of_defaults(site, patch),
        lambda site: defaults.change(site, patch, by="tests"),
    )


def of_model(model, patch):
    return Made(
        f"model {model} {patch}",
        lambda site: drafts.of_model(site, model, patch),
        lambda site: models.change(site, model, variables=patch, by="tests"),
    )


def of_layout(name, variables, fills, uses):
    made = {"variables": variables, "fills": fills, "uses": uses}
    if name == "New":
        return Made(
            f"new layout {made}",
            lambda site: drafts.of_layout(site, name, new=True, **made),
            lambda site: layouts.create(site, name, by="tests", **made),
        )
    return Made(
        f"layout {made}",
        lambda site: drafts.of_layout(site, name, **made),
        lambda site: layouts.change(site, name, by="tests", **made),
    )


def of_phone(model, patch, tags):
    return Made(
        f"phone {model} {patch} {tags}",
        lambda site: drafts.of_phone(MACS[0], model=model, variables=patch, tags=tags),
        lambda site: phones.change(
            site,
            MACS[0],
            model=model,
            variables=patch,
            facts={} if tags is None else {"tags": tuple(tags)},
            by="tests",
        ),
    )


@dataclass(frozen=True)
class SomeSite:
    """What a site is made of: few settings and models, so that its phones meet."""

    phones: list[SomePhone]
    shared: dict[str, str]
    layout: tuple[dict[str, str], list[Fill], Uses]
    made: Made


@st.composite
def sites(draw) -> SomeSite:
    everything = {**VALUES, **KEYS}
    theme = draw(st.sampled_from(THEMES))
    others = draw(st.lists(st.sampled_from(sorted(everything)), max_size=2))
    values = {name: everything[name] for name in (*theme, *others)}
    keys = {name: values[name] for name in values if name in KEYS} or KEYS
    chosen = draw(st.lists(st.sampled_from(MODELS), min_size=1, max_size=2))
    of_site = [model for model in chosen if model in SHIPPED] or ["snom-D785"]
    user_agent = draw(st.sampled_from(USER_AGENTS))
    uses = st.builds(
        Uses,
        models=st.lists(st.sampled_from(of_site)),
        tags=st.lists(st.sampled_from(TAGS), unique=True),
        phones=st.lists(st.just(str(MACS[0])), max_size=1),
    )
    some_phones = st.builds(
        SomePhone,
        model=st.sampled_from(chosen),
        variables=some(values),
        tags=st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
        user=st.sampled_from(("", *USERS)),
        user_agent=st.just(user_agent),
    )
    patch = some(values, None)
    some_drafts = st.one_of(
        st.builds(of_defaults, patch),
        st.builds(of_model, st.sampled_from(of_site), patch),
        st.builds(of_layout, st.sampled_from(["Old", "New"]), some(keys), FILLS, uses),
        st.builds(
            of_phone,
            st.none() | st.sampled_from(MODELS),
            patch,
            st.none() | st.lists(st.sampled_from(TAGS), unique=True),
        ),
    )
    return SomeSite(
        phones=draw(st.lists(some_phones, min_size=2, max_size=len(MACS))),
        shared=draw(some(values)),
        layout=draw(st.tuples(some(keys), FILLS, uses)),
        made=draw(some_drafts),
    )


def make(site: Site, some_phones, layout) -> None:
    for name, extension in USERS.items():
        user = NewUser(name, name.title(), extension, group="sales")
        user_services.create(user, by="tests")
    for mac, made in zip(MACS, some_phones, strict=False):
        register(site, mac, made.model, made.variables, made.tags)
        if made.user:
            links.link(mac, made.user, by="tests")
        if made.user_agent:
            fetched(mac, made.user_agent)
    variables, fills, uses = layout
    layouts.create(site, "Old", variables=variables, fills=fills, uses=uses, by="tests")


def files(site: Site) -> dict[str, phone_files.Files]:
    """What every phone would get."""
    found = {}
    for mac in map(str, MACS):
        device = devices.find(mac)
        if device is not None:
            said = proofs.served_user_agents([mac]).get(mac)
            asking = identify(said, site.library.user_agents) if said else UNKNOWN
            found[mac] = phone_files.files_of(site, device, asking)
    return found


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(some_site=sites())
def test_judged_together_one_by_one_and_made_phones_fare_the_same(site, some_site):
    """Phones that are alike share a verdict: it must be the one each would have by itself."""
    made = some_site.made
    with database.atomic() as undone:
        make(site, some_site.phones, some_site.layout)
        defaults.change(site, some_site.shared, by="tests")
        note(made.told)
        draft = made.draft(site)
        together = {shown.effect.mac: shown.effect for shown in effects_of(site, draft).phones}
        for phone in drafts.candidates(draft):
            mac = phone.device.mac
            alone = effects_of(site, replace(draft, concerned=Concerned(macs=[mac]))).phones
            assert together.get(mac) == (alone[0].effect if alone else None)
        before = files(site)
        made.change(site)
        after = files(site)
        for mac, then in after.items():
            effect = together.get(mac)
            differs = before[mac].bodies != then.bodies
            if effect is None:
                assert not differs
            else:
                fails = then.failure != "" and before[mac].failure == ""
                assert (effect.verdict == "fails") == fails
                assert (effect.verdict == "changes") == (differs and not fails)
        undone.rollback()
