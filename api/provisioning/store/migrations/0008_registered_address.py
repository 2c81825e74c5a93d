"""From where a phone is registered, to hold it against from where it fetches."""

from peewee import CharField


def up(migrator, db):
    """Add the column; the next look at the PBX fills it."""
    migrator.migrate(
        migrator.add_column("proof", "registered_address", CharField(45, null=True)),
    )
