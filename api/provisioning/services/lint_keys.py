"""Keys that will not do what the admin set: the model lacks them, or their type."""

from collections.abc import Collection, Iterator, Mapping

from provisioning.engine.parameter import Parameter
from provisioning.engine.phone import Phone
from provisioning.engine.scopes import Variables
from provisioning.services.findings import Code, Finding
from provisioning.services.site import Site
from provisioning.services.watched_phone import WatchedPhone

# Prefix of the settings of a kind of key, and the capability that lists the types it lacks.
KEYS = {
    "soft_key": ("softkey", "cap_softkey_type_blacklist"),
    "line_key": ("linekey", "cap_linekey_type_blacklist"),
    "expansion_key": ("expkey", "cap_expkey_type_blacklist"),
}
_NO_TYPE = "no-such-type"
_FREE = "disabled"  # Yealink's and Akuvox's word for a key that is to do nothing


def lint_keys(
    watched: WatchedPhone, own: Variables, keys: Mapping[str, Parameter], orphans: frozenset[str]
) -> Iterator[Finding]:
    """Look through settings of keys.

    Args:
        watched: the phone.
        own: what the admin set.
        keys: the names among it that are of a key, with what they set.
        orphans: the names among them that refer to a user who is gone.
    """
    phone = watched.phone
    modules = phone.expansion_modules
    on_module = len(modules[0].keys) if modules else 0
    counts = {
        "soft_key": len(phone.soft_keys),
        "line_key": len(phone.line_keys),
        "expansion_key": on_module * len(modules),
    }
    told: set[tuple[str, int]] = set()
    for name in sorted(orphans.intersection(keys)):
        kind, number = str(keys[name].index), number_of(name)
        if number <= counts[kind]:
            yield Finding("orphan_key", name, own[name], "there is no such user: the key is free")
            told.add((kind, number))  # nothing else of the key matters until it is given to another
    keys = {n: p for n, p in keys.items() if (str(p.index), number_of(n)) not in told}
    lacking = _types_without_effect(watched, own, keys, counts)
    # The type first: what hangs on a type that is wrong need not be told too.
    for name, parameter in sorted(keys.items(), key=lambda key: not _is_type(key[1])):
        kind, number = str(parameter.index), number_of(name)
        if (kind, number) in told:
            continue
        code, detail = _of_key(watched, name, own[name], parameter, counts, lacking)
        if code:
            yield Finding(code, name, own[name], detail)
        if code and code != "no_effect":
            told.add((kind, number))


def _of_key(
    watched: WatchedPhone,
    name: str,
    value: str,
    parameter: Parameter,
    counts: Mapping[str, int],
    lacking: Collection[tuple[str, str]],
) -> tuple[Code | None, str]:
    """What is wrong with one setting of a key, if anything."""
    kind, number = str(parameter.index), number_of(name)
    if number > counts[kind]:
        return "no_such_key", f"the model has {counts[kind]} such keys"
    if _is_type(parameter):
        if value not in parameter.words:
            return "key_type_unsupported", "there is no such key type"
        if (kind, value) in lacking:
            return "key_type_unsupported", "the model lacks this key type"
        return None, ""
    member = parameter.name.rpartition("_")[2]
    if member == "person":  # no template reads it: it fills in value and label
        return None, ""
    if f"{_place(watched.phone, kind, number)}.{member}" in watched.reads.attributes:
        return None, ""
    prefix, _ = KEYS[kind]
    key_type = watched.configuration.variables.get(f"{prefix}_type_{number}", "")
    if member == "value" and not _takes_value(watched.site, f"{prefix}_type", key_type):
        return None, ""
    return "no_effect", "the template does not read it for a key of this type and place"


def _is_type(parameter: Parameter) -> bool:
    return parameter.name.endswith("_type")


def _takes_value(site: Site, setting: str, key_type: str) -> bool:
    """Whether a key of a type has a value at all: one that is left over there means nothing."""
    choices = site.catalogue.parameters[setting].values
    return any(choice.value == key_type and choice.key_value != "none" for choice in choices)


def _place(phone: Phone, kind: str, number: int) -> str:
    """Where the phone holds a key, as :class:`Reads` writes it."""
    if kind == "expansion_key":
        module, key = divmod(number - 1, len(phone.expansion_modules[0].keys))
        return f"expansion_modules[{module}].keys[{key}]"
    return f"{kind}s[{number - 1}]"


def _types_without_effect(
    watched: WatchedPhone, own: Variables, keys: Mapping[str, Parameter], counts: Mapping[str, int]
) -> set[tuple[str, str]]:
    """The types among some keys that the model lacks, or writes like a type nobody knows."""
    examples: dict[tuple[str, str], str] = {}
    for name, parameter in keys.items():
        kind = str(parameter.index)
        if _is_type(parameter) and number_of(name) <= counts[kind] and own[name] != _FREE:
            examples.setdefault((kind, own[name]), name)
    variables = watched.configuration.variables
    lacking = set()
    filled = dict(variables)
    for name in examples.values():  # some vendors write a key without a value as a free one
        for member in ("value", "label"):
            other = name.replace("_type_", f"_{member}_")
            filled[other] = variables.get(other) or "1"
    body = watched.file(filled)
    for (kind, value), name in examples.items():
        listed = words_of(variables.get(KEYS[kind][1], ""))
        unknown = watched.file({**filled, name: _NO_TYPE})
        if value in listed or (unknown is not None and unknown == body):
            lacking.add((kind, value))
    return lacking


def number_of(name: str) -> int:
    """The number that an indexed setting ends with."""
    return int(name.rpartition("_")[2])


def words_of(text: str) -> list[str]:
    """The entries of a capability."""
    # Some of Tancredi's shipped capabilities carry stray blanks.
    return [word.strip() for word in text.split(",") if word.strip()]
