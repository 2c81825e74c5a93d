"""Values as clients send them: JSON becomes the text that is stored, the unstorable is refused.

The rules here hold for every setting, known or not; what one setting may hold is the catalogue's.

Source: how Tancredi's API answers; names and values that broke its files.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

MAX_NAME_CHARACTERS = 128
MAX_VALUE_CHARACTERS = 8192

# NUL, or half of a surrogate pair.
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NAME_ALLOWED = (
    f"a letter or underscore, then letters, digits, _ - . (at most {MAX_NAME_CHARACTERS} "
    "characters)"
)
# Words that an INI file cannot hold as a name; such a file also takes the phone list down.
_RESERVED = frozenset(("null", "yes", "no", "true", "false", "on", "off", "none"))


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why one field was refused, in words for the person who wrote it."""

    name: str
    """The field, printable: what cannot be encoded is escaped, what is too long is cut."""
    detail: str
    allowed: str


class ValueNotAllowed(ValueError):
    """A value that its setting may not have."""

    def __init__(self, name: str, value: str, detail: str, allowed: str):
        """Keep the parts.

        Args:
            name: the setting, without index.
            value: what was refused; empty for a secret.
            detail: a sentence that tells what is wrong.
            allowed: what may stand there.
        """
        super().__init__(f"{name}: {detail} Allowed: {allowed}.")
        self.name = name
        self.value = value
        self.detail = detail
        self.allowed = allowed


class VariablesRefused(ValueError):
    """Some fields of a request are wrong; all of them are named, nothing was changed."""

    def __init__(self, errors: tuple[FieldError, ...]):
        super().__init__(" ".join(f"{error.name}: {error.detail}" for error in errors))
        self.errors = errors


def stored_form(variables: Mapping[str, object]) -> dict[str, str | None]:
    """Convert a client's values to text, without asking what a setting may hold.

    Tancredi's API took any text for any name, and its clients rely on that.

    Args:
        variables: values of a JSON object. Numbers become decimal text, ``True`` becomes ``"1"``,
            ``False`` the empty string; ``None`` (unset) stays.

    Raises:
        VariablesRefused: an ill-formed name, a list or object, or text that cannot be stored.
    """
    return checked_form(variables, lambda _name, text: text)


def checked_form(
    variables: Mapping[str, object], check: Callable[[str, str], str]
) -> dict[str, str | None]:
    """Like :func:`stored_form`; ``check(name, text)`` then decides about every value.

    Raises:
        VariablesRefused: also for every :class:`ValueNotAllowed` of ``check``.
    """
    stored: dict[str, str | None] = {}
    errors: list[FieldError] = []
    for name, value in variables.items():
        try:
            _check_name(name)
            text = _text(name, value)
            stored[name] = None if text is None else check(name, text)
        except ValueNotAllowed as refused:
            errors.append(FieldError(shown(name), refused.detail, refused.allowed))
    if errors:
        raise VariablesRefused(tuple(errors))
    return stored


def check_storable(name: str, text: str) -> None:
    """Refuse text that no database and no file can hold.

    Raises:
        ValueNotAllowed: too long, a NUL character, or half a surrogate pair. The value is not
            repeated: it may be long, unprintable, or a secret.
    """
    if len(text) > MAX_VALUE_CHARACTERS:
        detail = f"The value has {len(text)} characters."
        raise ValueNotAllowed(name, "", detail, f"at most {MAX_VALUE_CHARACTERS} characters")
    if _NOT_STORABLE.search(text):
        detail = "The value has a NUL character or half a surrogate pair."
        raise ValueNotAllowed(name, "", detail, "text in UTF-8 without NUL characters")


def shown(text: str) -> str:
    """The text as an error may repeat it: encodable, and not much longer than a line."""
    cut = text if len(text) <= 80 else text[:80] + "…"
    return cut.encode("utf-8", "backslashreplace").decode("utf-8")


def _check_name(name: str) -> None:
    if len(name) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(name):
        raise ValueNotAllowed(name, "", "This is not the name of a setting.", _NAME_ALLOWED)
    if name.lower() in _RESERVED:
        raise ValueNotAllowed(name, "", f'"{name}" is a reserved word.', "any other name")


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int | float):
        return _decimal(name, value)
    if not isinstance(value, str):
        detail = "Lists and objects cannot be stored."
        raise ValueNotAllowed(name, "", detail, "text, a number, true, false or null")
    check_storable(name, value)
    return value


def _decimal(name: str, number: float) -> str:
    if not abs(number) <= 1e300:  # written so that it also catches what is not a number
        raise ValueNotAllowed(name, "", "The number is not finite or too large.", "a number")
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")
