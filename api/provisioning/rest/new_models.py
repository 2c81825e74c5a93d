"""Models that a site makes before a release knows them: try, recognise, merge."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from provisioning.rest import current
from provisioning.rest.fields import Mac, line, sent_variables
from provisioning.rest.models import ModelAnswer, answer, document, version_of
from provisioning.rest.phone_settings import PreviewSchema, preview_answer
from provisioning.rest.resource import Resource
from provisioning.rest.sent_settings import checked
from provisioning.services import models, new_models
from provisioning.services.concurrency import alone
from provisioning.services.errors import NotFound
from provisioning.services.secrets import hide

resource = Resource("new models", "Models made before a release knows them.", path="models")
suggestion = Resource("suggestion", "What a device probably is.")


class FileQuery(Schema):
    """Which file."""

    file = line(200, load_default=None, metadata={"description": "Without: its configuration."})


class SampleSettings(Schema):
    """The settings of a phone to try a model with."""

    variables = sent_variables(load_default=dict)


class RecognitionChange(Schema):
    """By what the devices of a site's own model are recognised."""

    mac_prefixes = fields.List(
        line(17), required=True, metadata={"example": ["80:5E:0C"], "description": "At most 20."}
    )
    user_agents = fields.List(
        line(64),
        required=True,
        metadata={"example": ["SIP-T99W"], "description": "Hardware names, at most 20."},
    )


class DeviceQuery(Schema):
    """What is known of a device."""

    mac = Mac(load_default=None)
    user_agent = line(300, load_default="")


class SuggestionSchema(Schema):
    """What a device probably is; what nothing tells is empty."""

    vendor = fields.String(required=True)
    model = fields.String(required=True)


class DifferenceSchema(Schema):
    """A setting in which a site's model and the shipped one differ; null: not set."""

    name = fields.String(required=True)
    site = fields.String(required=True, allow_none=True)
    shipped = fields.String(required=True, allow_none=True)


class MergeOfferSchema(Schema):
    """A model of the site that a release ships by now."""

    model = fields.String(required=True)
    shipped = fields.String(
        required=True, metadata={"description": "The shipped model that takes its place."}
    )
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)


class Merge(Schema):
    """What of the site's model stays."""

    keep = fields.List(
        line(128),
        required=True,
        metadata={"description": "Settings whose values of the site stay; others become shipped."},
    )


@resource.get("/<model_id>/preview")
@resource.query(FileQuery)
@resource.answer(200, PreviewSchema)
def preview_model(query: Mapping[str, Any], model_id: str) -> Mapping[str, object]:
    """Test-render a model with a phone that nobody registered; secrets are masked."""
    return preview_answer(new_models.preview(current.site(), model_id, query["file"], {}))


@resource.post("/<model_id>/preview")
@resource.query(FileQuery)
@resource.body(SampleSettings)
@resource.answer(200, PreviewSchema)
def preview_model_with(
    query: Mapping[str, Any], given: Mapping[str, Any], model_id: str
) -> Mapping[str, object]:
    """Test-render a model with a phone of one's own settings; nothing is stored."""
    sent = checked(given["variables"], {})
    variables = {name: value for name, value in sent.items() if value is not None}
    return preview_answer(new_models.preview(current.site(), model_id, query["file"], variables))


@resource.put("/<model_id>/recognition")
@resource.versioned
@resource.body(RecognitionChange)
@resource.answer(200, ModelAnswer)
def recognise_model(given: Mapping[str, Any], model_id: str) -> Mapping[str, object]:
    """Tell by what the devices of a site's own model are recognised."""
    with alone():
        seen = models.get(current.site(), model_id)
        resource.match(version_of(seen), ModelAnswer, lambda: document(seen))
        changed = new_models.recognise(
            current.site(),
            model_id,
            mac_prefixes=given["mac_prefixes"],
            user_agents=given["user_agents"],
            by=current.actor(),
        )
    return answer(changed)


@resource.get("/<model_id>/merge")
@resource.answer(200, MergeOfferSchema)
def show_merge_offer(model_id: str) -> Mapping[str, object]:
    """Hold a site's own model against the shipped one; 404 while there is none."""
    found = new_models.merge_offer(current.site(), model_id)
    if found is None:
        raise NotFound("shipped model for", model_id)
    catalogue = current.site().catalogue
    return {
        "model": found.model,
        "shipped": found.shipped,
        "differences": [
            {
                "name": name,
                "site": hide(catalogue, name, own),
                "shipped": hide(catalogue, name, shipped),
            }
            for name, (own, shipped) in found.differences.items()
        ],
    }


@resource.post("/<model_id>/merge")
@resource.versioned
@resource.body(Merge)
@resource.answer(200, ModelAnswer)
def merge_model(given: Mapping[str, Any], model_id: str) -> Mapping[str, object]:
    """Let the shipped model take the place of the site's own; its phones move along."""
    return answer(
        new_models.merge(current.site(), model_id, keep=given["keep"], by=current.actor())
    )


@suggestion.get("")
@suggestion.query(DeviceQuery)
@suggestion.answer(200, SuggestionSchema)
def suggest(query: Mapping[str, Any]) -> Mapping[str, object]:
    """What a device probably is, by what it says of itself, else by its address."""
    found = new_models.suggest(current.site(), query["mac"], query["user_agent"])
    return {"vendor": found.vendor, "model": found.model}
