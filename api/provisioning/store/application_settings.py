"""Queries for the settings of the application."""

from provisioning.store.tables import ApplicationSetting


def all_values() -> dict[str, str]:
    """What somebody set, by name."""
    return {str(row.name): str(row.value) for row in ApplicationSetting.select()}


def put(name: str, value: str | None) -> None:
    """Set a setting; None: nobody sets it any more."""
    if value is None:
        ApplicationSetting.delete().where(ApplicationSetting.name == name).execute()
    else:
        ApplicationSetting.insert(name=name, value=value).on_conflict_replace().execute()
