"""What tests of imports share: a small site, and tables as lines."""

from collections.abc import Sequence

from provisioning.engine.mac import MacAddress
from provisioning.services import phones, users
from provisioning.services.imports.plans import Plan
from provisioning.services.users import NewUser
from provisioning.store.tables import Change

ADA = NewUser("ada", "Ada", "201", "ada@example.org", "Sales")
BOB = NewUser("bob", "Bob", "202", "", "Sales")

MAC = "00-15-65-AA-BB-01"
OTHER = "00-15-65-AA-BB-02"


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def register(site, mac: str = MAC, **given: object) -> MacAddress:
    address = MacAddress.parse(mac)
    phones.create(site, address, **{"model": "yealink-T46", "by": "test", **given})
    return address


def add_people() -> None:
    for user in (ADA, BOB):
        users.create(user, by="test")


def places(plan: Plan) -> list[tuple[int | None, str]]:
    """Rows and columns of the errors."""
    return [(error.row, error.column) for error in plan.errors]


def actions(plan: Plan) -> list[str]:
    return [row.action for row in plan.rows]


def recorded(kind: str) -> Sequence[tuple]:
    """The history of a kind, oldest first: subject, action, before, after."""
    rows = Change.select().where(Change.kind == kind).order_by(Change.id)
    return [(row.subject, row.action, row.before, row.after) for row in rows]
