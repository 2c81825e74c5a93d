"""Does it work? Its user and account, its present configuration, its registration."""

from provisioning.services.diagnosis.facts import Account, Facts, PhoneFacts
from provisioning.services.diagnosis.found import Found, Value, found, when

_FETCH_SECONDS = 15 * 60
"""A phone that was asked has fetched by then, even after a restart."""


def account(facts: Facts) -> Found:
    """To whom the phone belongs, and whether the PBX knows its account."""
    phone = facts.phone
    if phone is None:
        return found("not_registered_here")
    if not phone.accounts:
        if phone.account_of_settings:
            return found("account_of_settings", number=phone.account_of_settings)
        return found("not_linked")
    judged = [_judged(one, phone) for one in phone.accounts]
    # The gravest of several accounts, in the order of `_GRAVEST`.
    return min(judged, key=lambda finding: _GRAVEST.index(finding.code))


_GRAVEST = (
    "account_refused",
    "account_waits",
    "user_gone",
    "user_locked",
    "account_refused_works",
    "account_waits_works",
    "linked",
)


def _judged(one: Account, phone: PhoneFacts) -> Found:
    told: dict[str, Value | None] = {"number": one.number, "user": one.user}
    work = one.work
    # What waits for the PBX may be of others too: an account that is registered is there.
    works = "_works" if phone.registered and one.confirmed else ""
    if work and work.state in ("failed", "skipped"):
        code = f"account_refused{works}"
        return found(code, operation=work.operation, reason=work.reason, **told)
    if not one.confirmed or (work and work.state in ("waiting", "working")):
        operation, reason = (work.operation, work.reason) if work else (None, None)
        return found(f"account_waits{works}", operation=operation, reason=reason, **told)
    if one.gone_at is not None:
        return found("user_gone", gone_at=when(one.gone_at), **told)
    if one.locked:
        return found("user_locked", **told)
    return found("linked", **told)


def configuration(facts: Facts) -> Found:
    """Whether the phone has what it should have, and whether it was asked to fetch it."""
    phone = facts.phone
    if phone is None:
        return found("not_registered_here")
    if phone.rendering_error:
        return found("not_comparable")
    if phone.fetched_at is None:
        return found("nothing_fetched")
    told = {
        "fetched_at": when(phone.fetched_at),
        "saved_at": when(phone.saved_at),
        "asked_at": when(phone.asked_at),
    }
    if not phone.wants_another:
        return found("has_current", **told)
    asked = phone.asked_at
    if asked is None or asked <= max(phone.saved_at or 0.0, phone.fetched_at):
        return found("change_not_asked", reason=phone.asking_ended, **told)
    if facts.now - asked < _FETCH_SECONDS:
        return found("change_asked", **told)
    return found("change_asked_in_vain", **told)


def registration(facts: Facts) -> Found:
    """Whether the PBX lists the phone as registered, and from where."""
    phone = facts.phone
    if phone is None:
        return found("not_registered_here")
    if not phone.accounts and not phone.account_of_settings:
        return found("nothing_to_register")
    if phone.registered is None:
        code = "manager_is_silent" if phone.tells_registrations else "no_manager"
        return found(code)
    since = when(phone.registered_at)
    if not phone.registered:
        return found("not_registered_with_pbx", since=since)
    if _elsewhere(phone):
        return found(
            "registered_elsewhere",
            since=since,
            registered_from=phone.registered_from,
            fetched_from=phone.heard_from,
        )
    return found("registered_with_pbx", since=since, registered_from=phone.registered_from)


def _elsewhere(phone: PhoneFacts) -> bool:
    both = phone.registered_from and phone.heard_from
    return bool(both) and not phone.behind_proxy and phone.registered_from != phone.heard_from
