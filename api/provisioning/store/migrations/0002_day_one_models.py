"""Models that the site makes before a release knows them tell how their devices are recognised."""

from peewee import JSONField


def up(migrator, db):
    """Add the prefixes and user agents of a site's own model."""
    migrator.migrate(
        migrator.add_column("site_model", "mac_prefixes", JSONField(null=True)),
        migrator.add_column("site_model", "user_agents", JSONField(null=True)),
    )
