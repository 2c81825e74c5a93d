"""What a move brings about, as the admin reads it before and the history keeps it after."""

from dataclasses import dataclass

CODES = (
    "user_removed",
    "phone_registered",
    "phone_deleted",
    "phone_changes",
    "other_vendor",
    "setting_left_behind",
    "number_follows",
    "number_given",
    "number_freed",
    "secret_revoked",
    "secret_stays",
    "port_follows",
    "port_freed",
    "account_pending",
    "account_without_place",
    "account_settings_removed",
    "token_ends",
    "key_follows",
    "key_orphaned",
    "key_stays",
    "label_kept",
    "still_points",
    "fill_loses",
    "key_changes",
    "keys_without_place",
    "must_fetch",
)
"""Every kind of effect.

- ``user_removed``: the user is gone with this step.
- ``phone_registered``, ``phone_deleted``, ``phone_changes``: ``part`` tells what of it changes.
- ``other_vendor``: by its address a phone is of another vendor than the model it gets.
- ``setting_left_behind``: a setting of the old phone that another model cannot have.
- ``number_follows``, ``number_given``, ``number_freed``: from which account to which.
- ``secret_revoked``: a phone can no longer register with what it has.
- ``secret_stays``: an account that no user is linked to goes along with its secret.
- ``port_follows``, ``port_freed``: a telephone port of a gateway, whose file is another one then.
- ``account_pending``: the PBX has yet to make the account; it may choose another number.
- ``account_without_place``: the model has fewer accounts.
- ``account_settings_removed``: what somebody wrote for the account besides the link.
- ``token_ends``: an address that the phone fetches from ends.
- ``key_follows``, ``key_orphaned``, ``key_stays``: a key that refers to the one who leaves.
- ``label_kept``: a key follows, and its label is what somebody typed.
- ``still_points``: a key holds the number and names nobody; it is left alone.
- ``fill_loses``: a run of keys for a group has one person less.
- ``key_changes``: a key of a phone that takes part, by any layer.
- ``keys_without_place``: the new model has fewer keys.
- ``must_fetch``: the phone has another configuration afterwards.
"""

KINDS = ("user", "number", "defaults", "model", "layout", "phone", "gateway")
"""What an effect is about."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a move changes, or leaves as it is although it hangs on it."""

    code: str
    """One of :data:`CODES`."""
    kind: str
    """One of :data:`KINDS`."""
    subject: str
    """Which of them: a name, a number, a MAC id."""
    part: str = ""
    """Which part of it, e.g. ``line 1``, ``linekey 3``, ``location``."""
    before: str | None = None
    after: str | None = None
