"""The tables that can be imported and exported, and their columns (``templates/tables.yaml``)."""

from provisioning.engine.table_columns import Columns, load_columns
from provisioning.services.site import Site, shipped_data

COLUMNS = load_columns(shipped_data() / "tables.yaml")
"""By kind of table: ``phones``, ``users``, ``keys``, ``gateways``."""


def columns_of(site: Site, kind: str) -> Columns:
    """The columns of a kind of table."""
    return Columns(COLUMNS[kind], site.catalogue)
