"""Files of gateways: looked at, saved, compared with the last one."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.attachments import attachment, attachment_document
from provisioning.rest.gateway_ports import MAX_PORTS
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource
from provisioning.services.gateways import files, states
from provisioning.services.gateways.files import last_delivered

resource = Resource("gateway files", "The files of a gateway.", path="gateways")

_FILE = "/<mac:mac>/files/<kind>"
_MEDIA_TYPE = "application/octet-stream"
_ANSWER = attachment_document(_MEDIA_TYPE, "The file, with its secrets.")


class FileSummary(Schema):
    """A kind of file that there is of a gateway."""

    kind = fields.String(required=True, metadata={"example": "xml"})
    name = fields.String(required=True)


class FilePreview(Schema):
    """A file without its secrets."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    content_type = fields.String(required=True)
    text = fields.String(required=True)


class DiffQuery(Schema):
    """What to compare."""

    port = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=MAX_PORTS),
        metadata={"description": "Only what this port changes."},
    )


class DiffAnswer(Schema):
    """What the next file has otherwise than the last one."""

    since = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "How the last one was handed out; null: there was none."},
    )
    lines = fields.List(
        fields.String(), required=True, metadata={"description": "In the unified format."}
    )


@resource.get("/<mac:mac>/files")
@resource.answer(200, all_of(FileSummary, "GatewayFileList"))
def list_files(mac: MacAddress) -> Mapping[str, object]:
    """The kinds of files there are of a gateway."""
    found = files.kinds(current.site(), states.get(mac))
    return {"items": [{"kind": kind, "name": name} for kind, name in found.items()]}


@resource.get(_FILE)
@resource.answer(200, FilePreview)
def preview_file(mac: MacAddress, kind: str) -> Mapping[str, object]:
    """A file without its secrets."""
    made = files.preview(current.site(), mac, kind)
    return {
        "kind": made.kind,
        "name": made.name,
        "content_type": made.content_type,
        "text": made.body.decode(),
    }


@resource.post(f"{_FILE}/download")
@resource.documented(**_ANSWER)
def download_file(mac: MacAddress, kind: str) -> Response:
    """A file as the gateway takes it, with its secrets; the history keeps who asked."""
    made = files.download(current.site(), mac, kind, by=current.actor())
    return attachment(made.name, made.body, _MEDIA_TYPE)


@resource.get("/<mac:mac>/diff")
@resource.query(DiffQuery)
@resource.answer(200, DiffAnswer)
def show_diff(query: Mapping[str, Any], mac: MacAddress) -> Mapping[str, object]:
    """What the next file has otherwise than the last that was handed out, secrets masked."""
    lines = files.changes_since(current.site(), mac, port=query["port"])
    last = last_delivered(states.get(mac))
    return {"since": last and last.how, "lines": lines}
