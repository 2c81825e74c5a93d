"""What a user has switched on: it goes into the next configuration of all the user's phones."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserState:
    """Do not disturb, forwarding and call waiting of a user."""

    dnd: bool = False
    call_waiting: bool = True
    forward_always: str = ""
    """Target; empty is off. Likewise the two below."""
    forward_busy: str = ""
    forward_timeout: str = ""
    forward_timeout_seconds: int | None = None

    def variables(self, line: int) -> dict[str, str]:
        """The settings of an account that tell the state to templates."""
        seconds = self.forward_timeout_seconds
        return {
            f"account_dnd_enable_{line}": "1" if self.dnd else "",
            f"account_call_waiting_{line}": "1" if self.call_waiting else "",
            f"account_always_fwd_target_{line}": self.forward_always,
            f"account_busy_fwd_target_{line}": self.forward_busy,
            f"account_timeout_fwd_target_{line}": self.forward_timeout,
            f"account_cftimeout_{line}": "" if seconds is None else str(seconds),
        }


def account_variables(link: Mapping[str, object]) -> dict[str, str]:
    """The settings that a link gives to an account of a phone.

    Args:
        link: ``line`` (number of the account on the phone), ``number``, ``extension``, ``secret``,
            ``display_name``, ``encryption`` and the user's ``state``.
    """
    line = int(str(link["line"]))
    state = link.get("state")
    return {
        f"account_extension_{line}": str(link["number"]),
        f"account_username_{line}": str(link["number"]),
        f"account_password_{line}": str(link["secret"]),
        f"account_display_name_{line}": f"{link['display_name']} <{link['extension']}>",
        f"account_encryption_{line}": "1" if link["encryption"] else "",
        f"account_dnd_allow_{line}": "1",
        f"account_fwd_allow_{line}": "1",
        **UserState(**(state if isinstance(state, dict) else {})).variables(line),
    }
