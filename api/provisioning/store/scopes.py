"""Queries for the site's defaults and models: only differences from the shipped ones are stored."""

from collections.abc import Iterator, Mapping, Sequence

from provisioning.store import proofs
from provisioning.store.tables import Defaults, SiteModel


def defaults_differences() -> dict[str, str | None]:
    """What the site changes in the shipped defaults."""
    differences: dict[str, str | None] = Defaults.get_by_id(1).differences
    return differences


def save_defaults(differences: Mapping[str, str | None]) -> None:
    """Store what the site changes in the shipped defaults."""
    Defaults.update(differences=dict(differences)).where(Defaults.id == 1).execute()
    proofs.touch_everyone()


def find_model(model_id: str) -> SiteModel | None:
    """The site's own model, or its changes of a shipped one."""
    found: SiteModel | None = SiteModel.get_or_none(SiteModel.id == model_id)
    return found


def models() -> Iterator[SiteModel]:
    """All models the site made or changed, by id."""
    return iter(SiteModel.select().order_by(SiteModel.id))


def save_model(
    model_id: str,
    *,
    base: str | None,
    display_name: str | None,
    differences: Mapping[str, str | None],
) -> None:
    """Store a model; of one that is there the same columns change."""
    columns = {"base": base, "display_name": display_name, "differences": dict(differences)}
    SiteModel.insert(id=model_id, **columns).on_conflict(
        conflict_target=[SiteModel.id], update=columns
    ).execute()
    proofs.touch_model(model_id)


def save_recognition(
    model_id: str, *, mac_prefixes: Sequence[str], user_agents: Sequence[str]
) -> None:
    """Store how the devices of a site's model are recognised."""
    SiteModel.update(mac_prefixes=list(mac_prefixes), user_agents=list(user_agents)).where(
        SiteModel.id == model_id
    ).execute()


def delete_model(model_id: str) -> None:
    """Remove the site's model, or its changes of a shipped one."""
    SiteModel.delete().where(SiteModel.id == model_id).execute()
    proofs.touch_model(model_id)
