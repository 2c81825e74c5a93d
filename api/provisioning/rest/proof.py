"""How far changes have come on a phone: saved, asked, fetched, registered."""

from collections.abc import Mapping

from marshmallow import Schema, fields

from provisioning.rest.fields import moment
from provisioning.store.tables import Contact, Proof


class ProofSchema(Schema):
    """Four words of proof, each with its time; none of them stands for another."""

    saved = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The last change that gave the phone another configuration."},
    )
    asked = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The phone was asked to fetch. That it heard is not said."},
    )
    fetched = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The last fetch with the permanent token."},
    )
    registered = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "Since when the PBX lists the phone as registered."},
    )
    pending = fields.Boolean(
        required=True,
        metadata={"description": "What it has fetched is not what it should have."},
    )
    checking = fields.Boolean(
        required=True,
        metadata={"description": "A change of a moment ago is not yet compared with what it has."},
    )


def answer(proof: Proof | None, contact: Contact | None) -> Mapping[str, object]:
    """The proof of a phone as it is answered."""
    has = contact.served_digest if contact else None
    wants = proof.wanted_digest if proof else None
    return {
        "saved": moment(proof.saved_at if proof else None),
        "asked": moment(proof.asked_at if proof else None),
        "fetched": moment(contact.served_at if contact else None),
        "registered": moment(proof.registered_at if proof and proof.registered else None),
        "pending": wants is not None and wants != has,
        "checking": proof is not None and proof.touched_at is not None,
    }
