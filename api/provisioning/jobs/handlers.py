"""The kinds of operations there are, and how their failures are told to the worker."""

from collections.abc import Callable, Mapping

from provisioning.connect.ami import AmiError, AmiProblem
from provisioning.connect.nethvoice import (
    NethVoiceError,
    NethVoiceProblem,
    NethVoiceRefused,
)
from provisioning.connect.pjsip_accounts import PjsipValueError
from provisioning.connect.rps.problems import NotSupported, Passing, RedirectProblem, Unclear
from provisioning.engine.mac import MacAddress
from provisioning.jobs.kinds import Failed, Handler, Skip, TryAgain
from provisioning.services import (
    asterisk,
    nethvoice,
    pbx,
    redirect_look_ups,
    redirections,
    reprovisioning,
)
from provisioning.services.asterisk import NoAccountsFile
from provisioning.services.errors import NotFound
from provisioning.services.gateways import uploading, uploads
from provisioning.services.gateways.uploading import UploadFailed, UploadUnderWay
from provisioning.services.redirect_look_ups import LedAstray
from provisioning.services.redirections import NothingToTell
from provisioning.services.reprovisioning import CannotAsk, NotAsked
from provisioning.services.site import Site

Parameters = Mapping[str, object]

_ACCOUNT_PAUSES = (2, 10, 60, 300, 1800, 3600, 3600, 7200, 7200, 14400)
"""A PBX that is down for a night gets its accounts in the morning."""

_FETCH_PAUSES = (1, 2, 4, 8, 15, 30, 60)
"""A phone that was asked has two minutes to fetch, time for a restart."""


_REDIRECT_PAUSES = (30, 60, 120, 240, 480, 960, 1920, *(3600,) * 22)
"""A redirect service that fails for a day is given up."""

_LOOK_UP_PAUSES = (30, 60, 120, 240)
"""A look-up changes nothing: whoever wanted it can ask again."""

_UNCLEAR_ATTEMPTS = 4
"""A failure of which nobody knows whether it passes is shown after so many attempts."""


_GATEWAYS_AT_ONCE = 50

_UPLOAD_PAUSES = (2, 10, 60, *(300,) * 11)
"""An upload waits for the end of another to the same gateway."""

_UPLOAD_SECONDS = 3600.0
"""A unit with 48 ports is typed some 1,700 commands, one every half a second."""


def handlers(site: Site) -> Mapping[str, Handler]:
    """What is done to an item, by the ``kind`` that an operation was started with."""
    return {
        reprovisioning.KIND: Handler(_with(site, _reprovision), pauses=_FETCH_PAUSES),
        redirections.KIND: Handler(_with(site, _redirect), pauses=_REDIRECT_PAUSES),
        redirect_look_ups.KIND: Handler(_with(site, _look_up), pauses=_LOOK_UP_PAUSES),
        uploads.OPERATION: Handler(
            _with(site, _upload_to_gateway),
            repeatable=False,  # half an upload wants somebody to look
            pauses=_UPLOAD_PAUSES,
            at_once=_GATEWAYS_AT_ONCE,
            seconds=_UPLOAD_SECONDS,
        ),
        pbx.ACCOUNTS: Handler(_with(site, _write_accounts), pauses=_ACCOUNT_PAUSES),
        pbx.NETHVOICE_ACCOUNT: Handler(_settle_nethvoice, pauses=_ACCOUNT_PAUSES),
    }


def _with(
    site: Site, work: Callable[[Site, str, Parameters], str | None]
) -> Callable[[str, Parameters], str | None]:
    return lambda subject, parameters: work(site, subject, parameters)


def _reprovision(site: Site, subject: str, parameters: Parameters) -> str | None:
    mac, operation = MacAddress.parse(subject), int(str(parameters["operation"]))
    # An attempt after a kill may find that the one before it has asked; a retry asks anew.
    if parameters["attempt"] == 1 or not reprovisioning.has_asked(mac, operation):
        try:
            reboot = parameters.get("reboot") is True
            reprovisioning.ask(site, mac, operation=operation, reboot=reboot)
        except CannotAsk as no_way:
            raise Skip(str(no_way)) from no_way
        except NotAsked as passing:
            raise TryAgain(str(passing)) from passing
    if not reprovisioning.fetched_since_asked(mac):
        raise TryAgain("It was asked and has not fetched its configuration.")
    return "It was asked and has fetched its configuration."


def _redirect(site: Site, subject: str, parameters: Parameters) -> str | None:
    mac, attempt = MacAddress.parse(subject), int(str(parameters["attempt"]))
    try:
        return redirections.settle(site, mac)
    except NothingToTell as nothing:
        raise Skip(str(nothing)) from nothing
    except RedirectProblem as problem:
        last = _UNCLEAR_ATTEMPTS if isinstance(problem, Unclear) else len(_REDIRECT_PAUSES) + 1
        final = not problem.retryable or attempt >= last
        redirections.note_problem(mac, problem, final=final)
        raise _failure(problem, final=final) from problem


def _look_up(site: Site, subject: str, _parameters: Parameters) -> str | None:
    try:
        return redirect_look_ups.look_up(site, MacAddress.parse(subject))
    except (NothingToTell, NotSupported) as nothing:
        raise Skip(str(nothing)) from nothing
    except LedAstray as astray:
        raise Failed(str(astray)) from astray
    except RedirectProblem as problem:
        raise _failure(problem, final=not problem.retryable) from problem


def _failure(problem: RedirectProblem, *, final: bool) -> Failed | TryAgain:
    if final:
        return Failed(str(problem))
    # A service that wants to be left alone for a while says so.
    seconds = (problem.retry_after_seconds or 0.0) if isinstance(problem, Passing) else 0.0
    return TryAgain(str(problem), not_within_seconds=seconds)


def _upload_to_gateway(site: Site, subject: str, parameters: Parameters) -> str | None:
    try:
        operation = int(str(parameters["operation"]))
        return uploading.put(site, MacAddress.parse(subject), operation=operation)
    except UploadUnderWay as other:
        raise TryAgain(str(other)) from other
    except UploadFailed as failed:
        raise Failed(str(failed)) from failed
    except NotFound as gone:
        raise Skip(str(gone)) from gone


def _write_accounts(site: Site, _subject: str, _parameters: Parameters) -> str | None:
    try:
        return asterisk.write_accounts(site)
    except (NoAccountsFile, PjsipValueError) as refused:
        raise Failed(str(refused)) from refused
    except AmiError as refused:
        raise TryAgain(f"{refused}.") from refused
    except AmiProblem as problem:
        raise TryAgain(f"The accounts are written; {problem}.") from problem
    except OSError as failure:
        reason = failure.strerror or type(failure).__name__
        raise TryAgain(f"The accounts file cannot be written: {reason}.") from failure


def _settle_nethvoice(subject: str, parameters: Parameters) -> str | None:
    mac, _, line = subject.partition("/")
    released = parameters.get("released")
    try:
        return nethvoice.settle(
            MacAddress.parse(mac),
            int(line),
            None if released is None else str(released),
            anew=parameters.get("anew") is True,
            encryption=parameters.get("encryption") is True,
        )
    except (NethVoiceRefused, NethVoiceError) as refused:
        raise Failed(str(refused)) from refused
    except NethVoiceProblem as passing:
        raise TryAgain(str(passing)) from passing
