"""The PBX: it must know the SIP accounts of linked phones."""

from provisioning.services import application_settings, operations

KIND = "pbx_accounts"
"""Kind of the operation that brings the accounts to the PBX."""

_SUBJECT = "all accounts"


def accounts_changed(*, by: str) -> None:
    """Have the accounts brought to the PBX, inside the transaction that changed them.

    A PBX that cannot be reached leaves a pending operation with a reason, never half a link.
    """
    connector = application_settings.get().pbx_connector
    if connector != "none":
        operations.start(KIND, [_SUBJECT], parameters={"connector": connector}, by=by)
