"""What the errors of Yealink's YMCS mean.

An error is ``{code, requestId, message, details: [{field, message}]}`` or, for a token, OAuth's
``{error}``; a batch tells ``{failureCount, errors: [{…}]}`` with the status of success.

Sources: those of ``ymcs``; the phrases are those that Falconieri knows.
"""

from collections.abc import Mapping

from provisioning.connect.rps.connection import Answer
from provisioning.connect.rps.problems import Code, Trouble

_CODES = {
    "70011": Code.REQUEST_REFUSED,
    "800001": Code.MAC_REFUSED,
    "800002": Code.SERIAL_REFUSED,
    "800003": Code.OWNED_ELSEWHERE,  # own devices are looked for before
    "800004": Code.OWNED_ELSEWHERE,
    "800005": Code.MAC_REFUSED,  # not a device of a type that is served
    "800006": Code.REQUEST_REFUSED,
    "800007": Code.REQUEST_REFUSED,
    "800008": Code.REQUEST_REFUSED,
    "800200": Code.MAC_REFUSED,
    "900400": Code.REQUEST_REFUSED,
    "900401": Code.WRONG_CREDENTIALS,
    "900403": Code.ACCESS_DENIED,
    "900404": Code.CALL_FAILED,  # the device was there a moment ago: look anew
    "900408": Code.CALL_FAILED,
    "900409": Code.CALL_FAILED,
    "900412": Code.CALL_FAILED,
    "900429": Code.RATE_LIMITED,
    "900440": Code.WRONG_CREDENTIALS,
    "900444": Code.REQUEST_REFUSED,
    "900500": Code.CALL_FAILED,
    "900501": Code.REQUEST_REFUSED,
    "900502": Code.CALL_FAILED,
    "900503": Code.CALL_FAILED,
    "900504": Code.CALL_FAILED,
    "900511": Code.CALL_FAILED,
    "900599": Code.CALL_FAILED,
    "500401": Code.REQUEST_REFUSED,
    "500403": Code.CALL_FAILED,  # a nonce that was used before: the next one is another
    "invalid_client": Code.WRONG_CREDENTIALS,
    "unauthorized_client": Code.WRONG_CREDENTIALS,
}
_PHRASES = {
    "device.mac.invalid": Code.MAC_REFUSED,
    "device already managed": Code.OWNED_ELSEWHERE,
    "resource already exists": Code.OWNED_ELSEWHERE,
}
_STALE_TOKEN = frozenset(("900401", "900440"))


def is_stale_token(answer: Answer) -> bool:
    """Whether an answer says that the token holds no more."""
    return answer.status == 401 or not _STALE_TOKEN.isdisjoint(_words(_error(answer)))


def trouble_of(answer: Answer) -> Trouble:
    """What an unsuccessful answer means."""
    error = _error(answer)
    words = _words(error)
    said = "; ".join(words)
    code = _meaning(words)
    if code is None:
        return answer.trouble(said)
    return Trouble(code, said, answer.retry_after_seconds)


def check_batch(result: object, member: str) -> None:
    """Refuse the result of a batch of one that failed.

    Args:
        result: the answer's body.
        member: which member of its errors has the text.

    Raises:
        Trouble: it failed, or is no result of a batch.
    """
    failures = result.get("failureCount") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(failures, int):
        raise Trouble(Code.UNKNOWN_RESPONSE)
    if failures:
        errors = result.get("errors")
        listed = errors if isinstance(errors, list) else []
        words = [str(e[member]) for e in listed if isinstance(e, dict) and member in e]
        raise Trouble(_meaning(words) or Code.UNKNOWN_ERROR, "; ".join(words))


def _error(answer: Answer) -> Mapping[str, object]:
    try:
        error = answer.json()
    except Trouble:
        return {}
    return error if isinstance(error, dict) else {}


def _words(error: Mapping[str, object]) -> list[str]:
    """Codes and messages of an error, the most telling first."""
    details = error.get("details")
    listed = [d for d in details if isinstance(d, dict)] if isinstance(details, list) else []
    values = [error.get("code"), error.get("error"), error.get("message")]
    values += [detail.get("message") for detail in listed]
    return [str(value) for value in values if isinstance(value, str | int)]


def _meaning(words: list[str]) -> Code | None:
    for word in words:
        if word in _CODES:
            return _CODES[word]
        for phrase, code in _PHRASES.items():
            if phrase in word.lower():
                return code
    return None
