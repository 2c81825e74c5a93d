"""Files in answers, to be saved by whoever asks."""

from collections.abc import Mapping

from flask import Response


def attachment(name: str, body: bytes, content_type: str) -> Response:
    """A file under a name, which nobody on the way keeps: it may hold secrets.

    Args:
        name: letters, digits and ``. _ -``.
        body: its bytes.
        content_type: with the character set of a text.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(body, headers=headers, content_type=content_type)


def attachment_document(media_type: str, description: str) -> Mapping[str, object]:
    """What the OpenAPI document says of an operation that answers a file."""
    return {
        "responses": {
            "200": {
                "description": description,
                "content": {media_type: {"schema": {"type": "string"}}},
            }
        }
    }
