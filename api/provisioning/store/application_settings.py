"""Queries for the settings of the application."""

from provisioning.store.tables import ApplicationSetting


def get(name: str) -> object:
    """The value of a setting; None if nobody set it."""
    found = ApplicationSetting.get_or_none(ApplicationSetting.name == name)
    return found.value if found else None


def put(name: str, value: object) -> None:
    """Set a setting."""
    ApplicationSetting.insert(name=name, value=value).on_conflict_replace().execute()
