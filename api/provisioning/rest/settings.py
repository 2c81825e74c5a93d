"""Settings of the application."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from provisioning.rest import current
from provisioning.rest.fields import sent_variables, shown_variables, text
from provisioning.rest.paging import all_of
from provisioning.rest.parameters import CategorySchema, ParameterSchema, parameter_answer
from provisioning.rest.problems import below
from provisioning.rest.resource import Resource
from provisioning.services import application_settings, settings_changes
from provisioning.services.application_settings import CATALOGUE
from provisioning.services.concurrency import alone
from provisioning.services.secrets import hide_all, without_masks

resource = Resource("settings", "Settings of the application.")


class SettingsChange(Schema):
    """What to change; what is left out stays, null is as shipped again."""

    values = sent_variables(required=True)


class SettingsAnswer(Schema):
    """The settings that apply, secrets masked."""

    values = shown_variables()


@resource.get("")
@resource.versioned
@resource.answer(200, SettingsAnswer)
def show_settings() -> Mapping[str, object]:
    """Look at the settings, the shipped ones included."""
    return _answer(application_settings.get().values)


@resource.patch("")
@resource.versioned
@resource.body(SettingsChange)
@resource.answer(200, SettingsAnswer)
def change_settings(given: Mapping[str, Any]) -> Mapping[str, object]:
    """Change settings, all or nothing."""
    with alone(), below("#/values"):
        seen = application_settings.get().values
        resource.match(seen, SettingsAnswer, lambda: _document(seen))
        sent = without_masks(CATALOGUE, given["values"], seen)
        changed = settings_changes.change(sent, by=current.actor())
    return _answer(changed.values)


@resource.get("/parameters")
@resource.answer(200, all_of(ParameterSchema, "SettingParameterList"))
def list_setting_parameters() -> Mapping[str, object]:
    """What each setting means and may hold, in the order of forms."""
    return {"items": [parameter_answer(one) for one in CATALOGUE.parameters.values()]}


@resource.get("/categories")
@resource.answer(200, all_of(CategorySchema, "SettingCategoryList"))
def list_setting_categories() -> Mapping[str, object]:
    """Groups of settings in the order of forms."""
    found = CATALOGUE.categories
    return {"items": [{"id": name, "label": text(label)} for name, label in found.items()]}


def _answer(found: Mapping[str, str]) -> Mapping[str, object]:
    resource.tag(found)
    return _document(found)


def _document(found: Mapping[str, str]) -> Mapping[str, object]:
    return {"values": hide_all(CATALOGUE, found)}
