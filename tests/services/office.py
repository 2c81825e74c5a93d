"""Ada's and Bob's office, in which people and phones move."""

from provisioning.engine.mac import MacAddress
from provisioning.services import asterisk, configurations, moves, phones
from provisioning.services.move_effects import CODES
from provisioning.store import links as stored_links

OLD, NEW, THIRD = (MacAddress(f"00156500000{n}") for n in (1, 2, 3))
GATEWAY = MacAddress("c074ad0b1c2d")
ADA = "Ada (201)"
BOB = "Bob (202)"


def body(site, mac: MacAddress) -> str:
    return configurations.preview(site, mac, None).body.decode()


def secret(mac: MacAddress, line: int = 1) -> str:
    link = stored_links.find(str(mac), line)
    return str(link.secret)


def carry_out(site, move):
    """Carry out what was planned; the plan must be what happens."""
    planned = moves.plan(site, move)
    done = moves.carry_out(site, move, review=lambda seen: None, by="anna")
    assert done.effects == planned.effects
    assert {effect.code for effect in done.effects} <= set(CODES)
    return planned.effects


def told(effects, code) -> list[tuple[str, str, str | None, str | None]]:
    return [(e.subject, e.part, e.before, e.after) for e in effects if e.code == code]


def without_a_trace(site, accounts_file, secrets) -> bool:
    """Whether no secret is in the file of any phone, or in that of the PBX."""
    asterisk.write_accounts(site)
    written = [accounts_file.read_text(), *(body(site, p.mac) for p in all_phones(site))]
    return not any(hidden in text for hidden in secrets for text in written)


def all_phones(site):
    return [phones.get(site, MacAddress.parse(str(row.mac))) for row in phones.list_all()]
