"""Does the device find its way here? First contact, its token, its last request."""

from provisioning.services.diagnosis.facts import Facts, Heard, PhoneFacts
from provisioning.services.diagnosis.found import Found, Value, found, when
from provisioning.store.phone_lists import SILENT_SECONDS

_FIRST_CONTACT_SECONDS = 2 * 3600
"""Until it has its own URL a phone asks anew at least once an hour, by most vendors' templates."""
_FINDINGS = 3
_LEAK_SECONDS = 7 * 24 * 3600
_TOGETHER_SECONDS = 10 * 60
"""Files that a phone asks for one after another at its start."""


def network(facts: Facts) -> Found:
    """Whether DHCP or PnP brought the device here, as its requests without a token show."""
    if facts.phone is None:
        return _stranger(facts)
    if not facts.requests:
        return _unheard(facts, facts.phone)
    without = next((request for request in facts.requests if not request.by_token), None)
    if without is None:
        return found("came_with_token")
    answered = [request for request in facts.requests if request.by_token or request.good]
    if answered and answered[0].at >= without.at:
        return found("tokenless_seen", **_told(without))
    codes = {
        "refused": "tokenless_refused",
        "unknown_phone": "tokenless_before_registration",
        "unknown_file": "tokenless_unknown_file",
    }
    return found(codes.get(without.outcome, "tokenless_seen"), **_told(without))


def _unheard(facts: Facts, phone: PhoneFacts) -> Found:
    """Why the log has no request of a phone."""
    if _marked(facts) or phone.permanent_at is not None:
        return found("came_with_token")
    if phone.heard_at is not None:
        return found("first_contact_forgotten", at=when(phone.heard_at))
    if not phone.dhcp_options:
        return found("never_asked", mac=facts.mac.colons)
    options = tuple(str(option) for option in phone.dhcp_options)
    return found("never_asked_options", mac=facts.mac.colons, options=options)


def _stranger(facts: Facts) -> Found:
    """Whether a device that is not registered has knocked."""
    last = max([*_marked(facts), *facts.requests], key=lambda heard: heard.at, default=None)
    if last is None:
        return found("stranger_never_heard", mac=facts.mac.colons)
    codes = {"refused": "stranger_refused", "unknown_token": "stranger_with_token"}
    return found(codes.get(last.outcome, "stranger_knocked"), says=last.says, **_told(last))


def _marked(facts: Facts) -> list[Heard]:
    """Requests with unknown tokens that are surely of this device, newest first."""
    return [heard for heard in facts.unknown_tokens if heard.marked]


def token(facts: Facts) -> Found:
    """Whether the device uses a token of its own, and nobody else does."""
    phone = facts.phone
    if phone is None:
        return found("not_registered_here")
    opened = [request for request in facts.requests if request.by_token]
    foreign = next((request for request in opened if request.other), None)
    if foreign and facts.now - foreign.at < _LEAK_SECONDS:
        return found("token_of_other_device", other=foreign.other, **_told(foreign))
    last_good = max((request.at for request in opened if not request.other), default=0.0)
    unknown = next((heard for heard in _marked(facts) if heard.at > last_good), None)
    if unknown:
        return found("token_unknown", **_told(unknown))
    if not phone.first_access and _stands_without_url(facts):
        return found("first_access_used", **_told(facts.requests[0]))
    nearby = next((heard for heard in facts.unknown_tokens if heard.at > last_good), None)
    if nearby:
        return found("token_unknown_nearby", **_told(nearby))
    return _own_token(facts, phone)


def _stands_without_url(facts: Facts) -> bool:
    """It asked anew without a token, as after a factory reset, and got a file without a URL."""
    last = facts.requests[0] if facts.requests else None
    return last is not None and last.access == "tokenless" and last.good


def _own_token(facts: Facts, phone: PhoneFacts) -> Found:
    if phone.permanent_at is not None:
        return found("permanent_token_used", permanent_at=when(phone.permanent_at))
    if phone.first_served_at is not None:
        late = facts.now - phone.first_served_at > _FIRST_CONTACT_SECONDS
        code = "stuck_in_first_contact" if late else "in_first_contact"
        at, address = when(phone.first_served_at), phone.heard_from
        return found(code, at=at, address=address, url=phone.address_to_reach)
    if not phone.first_access:
        return found("first_access_gone")
    return found("first_access_open")


def request(facts: Facts) -> Found:
    """How the last request ended, and whether the configuration can be made now."""
    phone = facts.phone
    if phone is None:
        return found("not_registered_here")
    if phone.rendering_error:
        return found("cannot_be_made", reason=phone.rendering_error)
    if phone.heard_at is None:
        return found("no_request")
    last = facts.requests[0] if facts.requests else None
    if silence := _silence(facts, phone):
        return silence
    if last is None:  # forgotten by now
        return found("served", at=when(phone.heard_at), address=phone.heard_from)
    if last.outcome == "failed":
        return found("failed_then", **_told(last))
    if last.outcome == "unknown_file" and last.by_token:
        code = "other_file_missing" if _got_configuration(facts, last) else "file_missing"
        return found(code, **_told(last))
    if phone.findings:
        count, some = len(phone.findings), tuple(phone.findings[:_FINDINGS])
        return found("served_with_findings", count=count, settings=some, **_told(last))
    return found("served" if last.good else "not_served", **_told(last))


def _silence(facts: Facts, phone: PhoneFacts) -> Found | None:
    """That it has not been heard for longer than its schedule allows."""
    heard_at = phone.heard_at or 0.0
    # Until it has its own URL it asks every hour, whatever its schedule.
    regular = phone.nightly or phone.permanent_at is None
    lost = any(heard.at > heard_at for heard in _marked(facts))  # it asks, with another token
    if not regular or lost or facts.now - heard_at < SILENT_SECONDS:
        return None
    told: dict[str, Value | None] = {"at": when(heard_at), "address": phone.heard_from}
    if phone.registered:
        return found("silent_but_registered", **told)
    if phone.vlan:
        return found("silent_in_vlan", vlan=phone.vlan, **told)
    return found("silent", **told)


def _got_configuration(facts: Facts, last: Heard) -> bool:
    return any(r.good and last.at - r.at < _TOGETHER_SECONDS for r in facts.requests)


def _told(heard: Heard) -> dict[str, Value | None]:
    return {
        "at": when(heard.at),
        "address": heard.address,
        "file": heard.file,
        "status": heard.status,
        "outcome": heard.outcome,
        "reason": heard.reason,
    }
