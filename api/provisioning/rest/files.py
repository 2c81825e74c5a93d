"""Files that devices fetch."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from flask import request
from marshmallow import Schema, fields

from provisioning.rest import current
from provisioning.rest.fields import moment
from provisioning.rest.paging import all_of
from provisioning.rest.problems import Problem
from provisioning.rest.resource import Resource, created_at
from provisioning.services import file_uses, files
from provisioning.services.errors import NotFound
from provisioning.services.file_uses import FileUses
from provisioning.services.files import StoredFile
from provisioning.services.site import COLLECTIONS, Site

_BYTES = "application/octet-stream"
_COLLECTION = f"/<any({', '.join(COLLECTIONS)}):collection>"

resource = Resource("files", "Wallpapers, firmware, ringtones, screensavers.", body=_BYTES)


class FileSchema(Schema):
    """A file of a collection."""

    name = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    modified_at = fields.DateTime(required=True)
    etag = fields.String(
        required=True, metadata={"description": "Replacing the file takes it as If-Match."}
    )
    used_by = fields.Integer(
        required=True,
        metadata={"description": "How many models and phones name it; the defaults are one."},
    )


class FileUsesSchema(Schema):
    """What names a file."""

    defaults = fields.Boolean(required=True)
    models = fields.List(fields.String(), required=True)
    phones = fields.List(fields.String(), required=True)


class FileAnswer(FileSchema):
    """A file and what names it."""

    uses = fields.Nested(FileUsesSchema, required=True)


class DeleteQuery(Schema):
    """How a file is removed."""

    force = fields.Boolean(
        load_default=False, metadata={"description": "Also if something names it."}
    )


@resource.get(_COLLECTION)
@resource.answer(200, all_of(FileSchema, "FileList"))
def list_files(collection: str) -> Mapping[str, object]:
    """The files of a collection by name."""
    found = files.list_all(current.site(), collection)
    uses = file_uses.of_collection(current.site(), collection)
    return {"items": [_answer(file, uses.get(file.name, FileUses())) for file in found]}


@resource.get(f"{_COLLECTION}/<name>")
@resource.versioned
@resource.answer(200, FileAnswer)
def show_file(collection: str, name: str) -> Mapping[str, object]:
    """Look at a file, and at what names it."""
    found = files.find(current.site(), collection, name)
    if found is None:
        raise NotFound("file", f"{collection}/{name}"[:200])
    uses = file_uses.of_file(current.site(), collection, name)
    resource.tag(found.version)
    return {**_answer(found, uses), "uses": asdict(uses)}


@resource.put(f"{_COLLECTION}/<name>")
@resource.documented(
    parameters=[
        {
            "in": "header",
            "name": "If-Match",
            "required": False,
            "description": "The ETag of the file that is replaced; needed if there is one.",
            "schema": {"type": "string"},
        }
    ],
    requestBody={
        "required": True,
        "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}},
    },
    responses={
        "200": {
            "description": "Replaced",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/File"}}},
        }
    },
)
@resource.answer(201, FileSchema)
def save_file(collection: str, name: str) -> tuple[Mapping[str, object], int, Mapping[str, str]]:
    """Store the body as a file, whole or not at all.

    One of the same name is replaced if `If-Match` names it.
    """
    site = current.site()
    before = files.find(site, collection, name)
    _match(site, collection, before)  # nobody should send half a gigabyte to hear of it
    saved = files.save(
        site,
        collection,
        name,
        cast(BinaryIO, request.stream),
        review=lambda there: _match(site, collection, there),
        by=current.actor(),
    )
    headers = created_at(f"files/{collection}/{saved.name}")
    return (
        _answer(saved, file_uses.of_file(site, collection, saved.name)),
        200 if before else 201,
        {**headers, "ETag": resource.etag_of(saved.version)},
    )


@resource.delete(f"{_COLLECTION}/<name>")
@resource.query(DeleteQuery)
@resource.answer(204)
def delete_file(query: Mapping[str, Any], collection: str, name: str) -> None:
    """Remove a file; one that a model, a phone or the defaults name is kept unless forced."""
    file_uses.delete(current.site(), collection, name, force=query["force"], by=current.actor())


def _match(site: Site, collection: str, there: StoredFile | None) -> None:
    """Refuse to replace a file that the client does not know."""
    if there is not None:
        resource.match(
            there.version,
            FileSchema,
            lambda: _answer(there, file_uses.of_file(site, collection, there.name)),
        )
    elif request.if_match:
        title = "Somebody changed it meanwhile; nothing was changed"
        raise Problem("changed-meanwhile", title, 412, "The file is not there any more.")


def _answer(file: StoredFile, uses: FileUses) -> Mapping[str, object]:
    return {
        "name": file.name,
        "size": file.size,
        "modified_at": moment(file.modified_at),
        "etag": resource.etag_of(file.version),
        "used_by": uses.count,
    }
