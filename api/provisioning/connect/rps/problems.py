"""What can go wrong with a redirect service, told apart by what the caller can do next.

Services answer with a status that says little: Falconieri uses 500 for a device of another account
as well as for a vendor that is down. So every problem has a :class:`Code`, and the code alone
decides about the class.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from provisioning.engine.parameter import Text


class Code(StrEnum):
    """The stable name of what went wrong; Falconieri's word where it has one."""

    CONNECTION_FAILED = "connection_to_remote_provider_failed"
    TIMED_OUT = "provider_timed_out"
    RATE_LIMITED = "rate_limited"
    CALL_FAILED = "provider_remote_call_failed"
    READ_FAILED = "read_remote_response_failed"
    UNKNOWN_RESPONSE = "unknown_response_from_provider"
    UNKNOWN_ERROR = "unknown_provider_error"
    WRONG_CREDENTIALS = "wrong_credentials"
    ACCESS_DENIED = "access_denied"
    OWNED_ELSEWHERE = "device_owned_by_other_user"
    SERIAL_REQUIRED = "serial_number_required"
    SERIAL_REFUSED = "serial_number_invalid"
    CHECK_CODE_REQUIRED = "missing_mac-id_crc"
    CHECK_CODE_REFUSED = "invalid_mac-id_crc_format"
    MAC_REFUSED = "not_valid_mac_address"
    URL_REFUSED = "malformed_url"
    SCHEME_REFUSED = "unsupported_url_scheme"
    REQUEST_REFUSED = "request_refused"
    PROVIDER_NOT_SUPPORTED = "provider_not_supported"
    LOOK_UP_NOT_SUPPORTED = "look_up_not_supported"
    REMOVE_NOT_SUPPORTED = "remove_not_supported"


SENTENCES: Mapping[Code, Text] = {
    Code.CONNECTION_FAILED: Text(
        "The service cannot be reached.",
        "Il servizio non è raggiungibile.",
    ),
    Code.TIMED_OUT: Text(
        "The service did not answer in time; whether it acted is not known.",
        "Il servizio non ha risposto in tempo; non si sa se abbia agito.",
    ),
    Code.RATE_LIMITED: Text(
        "The service takes no more requests for a while.",
        "Il servizio non accetta altre richieste per un po'.",
    ),
    Code.CALL_FAILED: Text(
        "The service could not do it now.",
        "Il servizio ora non è riuscito a farlo.",
    ),
    Code.READ_FAILED: Text(
        "The answer of the service was cut off or too long.",
        "La risposta del servizio era troncata o troppo lunga.",
    ),
    Code.UNKNOWN_RESPONSE: Text(
        "What answered does not speak like this service.",
        "Chi ha risposto non parla come questo servizio.",
    ),
    Code.UNKNOWN_ERROR: Text(
        "The service refused for a reason that is not known here.",
        "Il servizio ha rifiutato per un motivo che qui non è noto.",
    ),
    Code.WRONG_CREDENTIALS: Text(
        "The service does not accept the credentials.",
        "Il servizio non accetta le credenziali.",
    ),
    Code.ACCESS_DENIED: Text(
        "The service does not let this account do that.",
        "Il servizio non permette a questo account di farlo.",
    ),
    Code.OWNED_ELSEWHERE: Text(
        "The device is registered with another account.",
        "Il dispositivo è registrato con un altro account.",
    ),
    Code.SERIAL_REQUIRED: Text(
        "The service wants the serial number of the device.",
        "Il servizio vuole il numero di serie del dispositivo.",
    ),
    Code.SERIAL_REFUSED: Text(
        "The service does not accept the serial number of the device.",
        "Il servizio non accetta il numero di serie del dispositivo.",
    ),
    Code.CHECK_CODE_REQUIRED: Text(
        "The service wants the four-character code behind the MAC address.",
        "Il servizio vuole il codice di quattro caratteri dopo l'indirizzo MAC.",
    ),
    Code.CHECK_CODE_REFUSED: Text(
        "The code behind the MAC address is four capital letters or digits.",
        "Il codice dopo l'indirizzo MAC è di quattro lettere maiuscole o cifre.",
    ),
    Code.MAC_REFUSED: Text(
        "The MAC address is not one of a device of this service.",
        "L'indirizzo MAC non è di un dispositivo di questo servizio.",
    ),
    Code.URL_REFUSED: Text(
        "The address of the provisioning server is not one that this service takes.",
        "L'indirizzo del server di provisioning non è tra quelli accettati dal servizio.",
    ),
    Code.SCHEME_REFUSED: Text(
        "The address of the provisioning server must begin with http, https, ftp or tftp.",
        "L'indirizzo del server di provisioning deve iniziare con http, https, ftp o tftp.",
    ),
    Code.REQUEST_REFUSED: Text(
        "The service refused the request.",
        "Il servizio ha rifiutato la richiesta.",
    ),
    Code.PROVIDER_NOT_SUPPORTED: Text(
        "The service has nothing for devices of this vendor.",
        "Il servizio non ha nulla per i dispositivi di questo produttore.",
    ),
    Code.LOOK_UP_NOT_SUPPORTED: Text(
        "The service does not tell what is registered.",
        "Il servizio non dice che cosa è registrato.",
    ),
    Code.REMOVE_NOT_SUPPORTED: Text(
        "The service cannot take a registration away.",
        "Il servizio non può togliere una registrazione.",
    ),
}
"""What went wrong, in a sentence."""


class RedirectProblem(Exception):
    """A redirect service did not do what was asked; see the classes below.

    The text is complete and holds no secret: neither credentials nor an address with a token.
    """

    retryable: ClassVar[bool] = False
    """Whether the same request may succeed later without anybody doing anything."""

    def __init__(self, service: str, code: Code, said: str = ""):
        """Keep the parts.

        Args:
            service: name of the service, for people.
            code: what went wrong.
            said: the service's own words, cleaned; empty if there are none.
        """
        told = f' It said: "{said}"' if said else ""
        super().__init__(f"{service}: {SENTENCES[code].en}{told}")
        self.service = service
        self.code = code
        self.said = said

    @property
    def sentence(self) -> str:
        """What went wrong, in a sentence, without the service's own words."""
        return SENTENCES[self.code].en


class Passing(RedirectProblem):
    """It failed for a passing reason: try again later, every method may be repeated."""

    retryable = True

    def __init__(
        self, service: str, code: Code, said: str = "", retry_after_seconds: float | None = None
    ):
        """Keep the parts; ``retry_after_seconds`` is what the service asks for, if it does."""
        super().__init__(service, code, said)
        self.retry_after_seconds = retry_after_seconds


class Unclear(RedirectProblem):
    """Nobody knows whether it will pass: try a few times, then show ``said`` to the admin."""

    retryable = True


class WrongCredentials(RedirectProblem):
    """The account is not accepted, or not allowed to do this: the settings must be changed."""


class OwnedElsewhere(RedirectProblem):
    """The device belongs to another account, whose owner must release it."""


class DetailNeeded(RedirectProblem):
    """The service wants a right detail of the device, which stands on its label."""

    @property
    def detail(self) -> str:
        """The member of ``RedirectDevice`` that is missing or wrong."""
        return "serial" if self.code in _OF_THE_SERIAL else "check_code"


class Refused(RedirectProblem):
    """Refused for good: the MAC address, the URL or the request must change."""


class NotSupported(RedirectProblem):
    """The service cannot do this at all; its ``abilities`` say so beforehand."""


class Trouble(Exception):
    """What a protocol module found; :class:`RedirectService` makes a clean problem of it.

    ``said`` is what the service wrote, as it came: it may repeat a secret and must not be shown.
    """

    def __init__(self, code: Code, said: str = "", retry_after_seconds: float | None = None):
        super().__init__(str(code))
        self.code = code
        self.said = said
        self.retry_after_seconds = retry_after_seconds


_OF_THE_SERIAL = (Code.SERIAL_REQUIRED, Code.SERIAL_REFUSED)
_CLASSES: Mapping[Code, type[RedirectProblem]] = {
    Code.UNKNOWN_ERROR: Unclear,
    Code.WRONG_CREDENTIALS: WrongCredentials,
    Code.ACCESS_DENIED: WrongCredentials,
    Code.OWNED_ELSEWHERE: OwnedElsewhere,
    Code.SERIAL_REQUIRED: DetailNeeded,
    Code.SERIAL_REFUSED: DetailNeeded,
    Code.CHECK_CODE_REQUIRED: DetailNeeded,
    Code.CHECK_CODE_REFUSED: DetailNeeded,
    Code.MAC_REFUSED: Refused,
    Code.URL_REFUSED: Refused,
    Code.SCHEME_REFUSED: Refused,
    Code.REQUEST_REFUSED: Refused,
    Code.PROVIDER_NOT_SUPPORTED: NotSupported,
    Code.LOOK_UP_NOT_SUPPORTED: NotSupported,
    Code.REMOVE_NOT_SUPPORTED: NotSupported,
}


def problem(
    service: str, code: Code, said: str = "", retry_after_seconds: float | None = None
) -> RedirectProblem:
    """The problem of the class that the code belongs to."""
    wanted = _CLASSES.get(code)
    if wanted is None:
        return Passing(service, code, said, retry_after_seconds)
    return wanted(service, code, said)
