"""Is it the device that the admin takes it for? Address, model, redirect service, firmware."""

from provisioning.engine.firmware import is_release, release_of
from provisioning.services.diagnosis.facts import Facts, PhoneFacts
from provisioning.services.diagnosis.found import Found, found, when

_MULTICAST = 0x01


def address(facts: Facts) -> Found:
    """Whose address it is, and whether it can be a phone's at all."""
    mac, vendor = facts.mac.colons, facts.vendor
    if facts.mac.value == 0 or int(facts.mac.bare[:2], 16) & _MULTICAST:
        return found("address_of_no_device", mac=mac)
    chosen = facts.phone.model_vendor if facts.phone and facts.phone.model else ""
    if not vendor and chosen and facts.said_vendor == chosen:
        return found("address_unlisted", mac=mac, model_vendor=chosen)
    if not vendor:
        return found("address_unknown", mac=mac, model_vendor=chosen)
    if not chosen or chosen == vendor:
        return found("address_known", mac=mac, vendor=vendor)
    if facts.said_vendor == chosen:  # makers lend each other addresses
        return found("address_lent", mac=mac, vendor=vendor, model_vendor=chosen)
    return found("address_of_other_vendor", mac=mac, vendor=vendor, model_vendor=chosen)


def model(facts: Facts) -> Found:
    """Which model was chosen, and whether the device agrees."""
    phone, suggested = facts.phone, facts.suggested_model
    if phone is None:
        if suggested:
            return found("not_registered_suggested", mac=facts.mac.colons, suggested=suggested)
        return found("not_registered", mac=facts.mac.colons, vendor=facts.vendor)
    if not phone.model_known:
        code = "model_unknown" if phone.model else "model_missing"
        if suggested:
            return found(f"{code}_suggested", model=phone.model, suggested=suggested)
        return found(code, model=phone.model)
    last = facts.requests[0] if facts.requests else None
    if last is None or last.other or not last.says:
        return found("model_chosen", model=phone.model)
    for concern in phone.concerns:
        return found(
            f"says_{concern.code}",
            model=phone.model,
            says=concern.found,
            expected=concern.expected,
            at=when(last.at),
        )
    return found("model_agrees", model=phone.model, says=last.says, at=when(last.at))


def redirect(facts: Facts) -> Found:
    """Whether the vendor's redirect service sends the phone here."""
    phone, state = facts.phone, facts.redirect
    if phone is None or state is None:
        return found("not_registered_here")
    if state.word not in ("not_configured", "not_supported"):
        code = f"redirect_{state.word}"
        if state.word == "failed" and phone.permanent_at is not None:
            code = "redirect_failed_later"
        return found(code, at=when(state.at), reason=state.reason or None)
    if phone.permanent_at is not None:
        return found("redirect_not_needed", permanent_at=when(phone.permanent_at))
    if not phone.series:
        return found("redirect_of_nobody")
    if state.word == "not_supported" or not phone.redirect:
        return found("redirect_not_offered", series=phone.series)
    return found("redirect_not_configured", series=phone.series)


def firmware(facts: Facts) -> Found:
    """Whether the phone runs the firmware it should, as far as names and versions tell."""
    if facts.phone is None:
        return found("not_registered_here")
    known = facts.phone.firmware
    if known.file and not known.file_exists:
        return found("firmware_file_missing", file=known.file)
    if not known.running:
        return found("firmware_not_said", file=known.file)
    if known.file:
        return _assigned_firmware(known.running, known.file)
    if _is_old(facts.phone):
        return found("firmware_old", running=known.running, minimum=known.minimum)
    return found("firmware_free", running=known.running, minimum=known.minimum)


def _assigned_firmware(running: str, file: str) -> Found:
    wanted = release_of(file)
    if not wanted:
        return found("firmware_not_told", running=running, file=file)
    code = "firmware_as_wanted" if is_release(running, wanted) else "firmware_differs"
    return found(code, running=running, wanted=wanted, file=file)


def _is_old(phone: PhoneFacts) -> bool:
    return any(concern.code == "firmware_too_old" for concern in phone.concerns)
