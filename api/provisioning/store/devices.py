"""What delivery reads for one request: a phone, its model and the defaults, in one query.

The JSON is handed out as stored text: it is parsed only when a configuration must be rendered, and
it names the state of the settings for the ETag.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.store.database import configuration_change, database


@dataclass(frozen=True, slots=True)
class StoredDevice:
    """A phone with all that its configuration is made of, as stored."""

    mac: str
    model: str
    display_name: str
    variables: str
    model_base: str | None
    model_differences: str | None
    """None: the site has no such model of its own and changes nothing in the shipped one."""
    defaults_differences: str
    layouts: str
    """The key layouts applied to it, farthest first, a JSON list (``engine.layouts``)."""
    links: str
    """The accounts that users gave to the phone, a JSON list (``engine.user_state``)."""
    tok1: str | None
    tok2: str | None


_SELECT = """
    SELECT phone.mac, phone.model, phone.display_name, phone.variables,
           site_model.base, site_model.differences, defaults.differences,
           (SELECT json_group_array(json_object(
                'name', name, 'variables', json(variables), 'fills', json(fills)))
            FROM (SELECT layout.* FROM layout_use JOIN layout ON layout.id = layout_use.layout_id
                  WHERE (kind = 'model' AND target = phone.model)
                     OR (kind = 'tag' AND target IN
                            (SELECT tag FROM phone_tag WHERE phone_id = phone.mac))
                     OR (kind = 'phone' AND target = phone.mac)
                  ORDER BY kind = 'phone', kind = 'tag', layout.name)),
           (SELECT json_group_array(json_object(
                'line', line, 'user', name, 'number', number, 'secret', secret,
                'encryption', encryption, 'extension', extension, 'display_name', display_name,
                'state', json(state)))
            FROM (SELECT * FROM link JOIN person ON person.id = link.person_id
                  WHERE link.phone_id = phone.mac AND confirmed ORDER BY link.line)),
           (SELECT text FROM token WHERE phone_id = phone.mac AND kind = 1 AND shown),
           (SELECT text FROM token WHERE phone_id = phone.mac AND kind = 2 AND shown)
    FROM phone LEFT JOIN site_model ON site_model.id = phone.model, defaults
"""
_ONE = f"{_SELECT} WHERE phone.mac = ?"


def token_owner(token: str) -> tuple[str, int] | None:
    """The MAC id of the phone a token belongs to, and the token's kind (1 or 2)."""
    row = (
        database.connection()
        .execute("SELECT phone_id, kind FROM token WHERE text = ?", (token,))
        .fetchone()
    )
    return row and (row[0], row[1])


def find(mac: str) -> StoredDevice | None:
    """The phone of a MAC id."""
    row = database.connection().execute(_ONE, (mac,)).fetchone()
    return StoredDevice(*row) if row else None


def find_all(macs: Sequence[str]) -> list[StoredDevice]:
    """The phones of some MAC ids that there are, in order; hundreds at most."""
    places = ",".join("?" * len(macs))
    query = f"{_SELECT} WHERE phone.mac IN ({places}) ORDER BY phone.mac"
    return [StoredDevice(*row) for row in database.connection().execute(query, tuple(macs))]


def drop_first_access(mac: str) -> None:
    """End a phone's first-access tokens, durably; nothing is written if it has none."""
    query = "SELECT 1 FROM token WHERE phone_id = ? AND kind = 1"
    # The cursor is gone before the transaction begins: an open one would hold an old snapshot,
    # which cannot become a write when another process has written meanwhile.
    alive = database.connection().execute(query, (mac,)).fetchone()
    if alive:
        with configuration_change():
            database.execute_sql("DELETE FROM token WHERE phone_id = ? AND kind = 1", (mac,))
