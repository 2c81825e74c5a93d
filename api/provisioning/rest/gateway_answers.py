"""A gateway as it is answered: its settings without passwords, and how it stands."""

from collections.abc import Mapping

from marshmallow import Schema, fields, validate

from provisioning.connect.gateways.clients import fingerprint
from provisioning.rest import current
from provisioning.rest.fields import moment
from provisioning.rest.gateway_ports import PortAnswer, port_answer
from provisioning.rest.gateway_uploads import UploadAnswer, upload_answer
from provisioning.services.gateways import reading
from provisioning.services.gateways.files import last_delivered
from provisioning.services.gateways.states import FoundGateway
from provisioning.services.gateways.uploads import Upload


class DeliveredSchema(Schema):
    """The last file that was handed out."""

    at = fields.DateTime(required=True)
    how = fields.String(required=True, validate=validate.OneOf(("download", "fetch", "upload")))


class GatewayAnswer(Schema):
    """A gateway; passwords are masked."""

    name = fields.String(required=True)
    mac = fields.String(required=True)
    model = fields.String(required=True)
    address = fields.String(required=True)
    current_address = fields.String(required=True)
    netmask = fields.String(required=True)
    router = fields.String(required=True)
    dns = fields.List(fields.String(), required=True)
    ntp = fields.List(fields.String(), required=True)
    pbx_host = fields.String(required=True)
    proxy = fields.String(required=True)
    transport = fields.String(required=True)
    timezone = fields.String(required=True)
    country = fields.String(required=True)
    shell = fields.String(required=True)
    wan_mac = fields.String(required=True)
    verify_certificates = fields.Boolean(required=True)
    admin_password = fields.String(required=True)
    user_password = fields.String(required=True)
    login_user = fields.String(required=True, allow_none=True)
    login_password = fields.String(required=True, allow_none=True)
    login_shell = fields.String(required=True)
    fetches = fields.Boolean(required=True)
    fetched_at = fields.DateTime(required=True, allow_none=True)
    host_key = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Fingerprint of the unit's ssh key, if it is known."},
    )
    delivered = fields.Nested(DeliveredSchema, required=True, allow_none=True)
    outdated = fields.Boolean(
        required=True, metadata={"description": "Its settings changed after that."}
    )
    upload = fields.Nested(
        UploadAnswer, required=True, allow_none=True, metadata={"description": "The last one."}
    )
    ports = fields.List(fields.Nested(PortAnswer), required=True)


def gateway_answer(found: FoundGateway, upload: Upload | None) -> Mapping[str, object]:
    """A gateway as it is answered.

    Args:
        found: the gateway.
        upload: the last one to it; None: there was none.
    """
    site = current.site()
    model = site.gateways.models.get(found.state.model)
    numbers = range(1, model.ports + 1) if model else [port.number for port in found.state.ports]
    last = last_delivered(found)
    return {
        **reading.masked(found.state),
        "fetched_at": moment(found.fetched_at),
        "host_key": fingerprint(found.host_key) if found.host_key else None,
        "delivered": last and {"at": moment(last.at), "how": last.how},
        "outdated": reading.is_outdated(site, found),
        "upload": upload and upload_answer(upload),
        "ports": [port_answer(found.state, number) for number in numbers],
    }
