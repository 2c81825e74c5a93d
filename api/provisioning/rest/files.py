"""Files that devices fetch."""

from collections.abc import Mapping
from typing import BinaryIO, cast

from flask import request
from marshmallow import Schema, fields

from provisioning.rest import current
from provisioning.rest.fields import moment
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource, created_at
from provisioning.services import files
from provisioning.services.files import StoredFile
from provisioning.services.site import COLLECTIONS

_BYTES = "application/octet-stream"
_COLLECTION = f"/<any({', '.join(COLLECTIONS)}):collection>"

resource = Resource("files", "Wallpapers, firmware, ringtones, screensavers.", body=_BYTES)


class FileSchema(Schema):
    """A file of a collection."""

    name = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    modified_at = fields.DateTime(required=True)


@resource.get(_COLLECTION)
@resource.answer(200, all_of(FileSchema, "FileList"))
def list_files(collection: str) -> Mapping[str, object]:
    """The files of a collection by name."""
    found = files.list_all(current.site(), collection)
    return {"items": [_answer(file) for file in found]}


@resource.put(f"{_COLLECTION}/<name>")
@resource.documented(
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
    """Store the body as a file, whole or not at all; one of the same name is replaced."""
    replaced = files.path(current.site(), collection, name) is not None
    content = cast(BinaryIO, request.stream)
    saved = files.save(current.site(), collection, name, content, by=current.actor())
    return (
        _answer(saved),
        200 if replaced else 201,
        created_at(f"files/{collection}/{saved.name}"),
    )


@resource.delete(f"{_COLLECTION}/<name>")
@resource.answer(204)
def delete_file(collection: str, name: str) -> None:
    """Remove a file."""
    files.delete(current.site(), collection, name, by=current.actor())


def _answer(file: StoredFile) -> Mapping[str, object]:
    return {"name": file.name, "size": file.size, "modified_at": moment(file.modified_at)}
