"""A gateway comes back to a state that the history keeps."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioning.engine.mac import MacAddress
from provisioning.services import pbx
from provisioning.services.gateways import changing, states, uploads
from provisioning.services.gateways.states import GatewayState
from provisioning.services.phones import new_token
from provisioning.services.site import Site
from provisioning.store import gateways as stored


def put_back(
    site: Site, mac: MacAddress, record: Mapping[str, Any], *, by: str
) -> tuple[GatewayState | None, GatewayState]:
    """Bring a gateway back, inside a transaction that records why.

    Ports that are there keep number, trunk and secret; those that were freed get others, since the
    old ones were revoked. How one logs in to the unit stays, as the unit knows nothing of this.

    Args:
        site: the site.
        mac: the address on the label, as it is now.
        record: the state, as :meth:`~.states.GatewayState.recorded` made it.
        by: who asked.

    Returns:
        The state before, None if the gateway was gone, and the state after.

    Raises:
        NotFound: its model is no longer there.
        InUse: another unit is to take its place while an upload to it waits or runs.
        GatewayRefused: with all that stands in its way; nothing was changed.
    """
    row = stored.find(str(mac))
    before = states.read([row])[0] if row else None
    wanted = states.of_record(record)
    if before is None:
        token = new_token()
        state = changing.completed(site, None, wanted, token)
        states.insert(state, token=token)
    else:
        login = {name: getattr(before.state, name) for name in states.LOGIN}
        state = changing.completed(site, before, replace(wanted, **login), before.token)
        if state.mac != before.state.mac:
            uploads.refuse_under_way([before.state.mac])
            states.replace_unit(before.id)
        states.write(before.id, state)
    pbx.accounts_changed(by=by)
    return before.state if before else None, state
