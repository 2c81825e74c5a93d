"""What a site knows of a phone, key layouts, and how far changes have come on each phone."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
)

_CONTACT_COLUMNS = {
    "served_at": FloatField(null=True),
    "served_etag": CharField(80, null=True),
    "served_digest": CharField(64, null=True),
    "served_user_agent": CharField(300, null=True),
}


def up(migrator, db):
    """Add columns to what is there, and the tables of tags, layouts and proofs."""
    # Plain statements: a rebuilt table would take its children along.
    for column, kind in (("location", "TEXT"), ("note", "TEXT"), ("serial", "VARCHAR(64)")):
        db.execute_sql(f"ALTER TABLE phone ADD COLUMN \"{column}\" {kind} NOT NULL DEFAULT ''")
    db.execute_sql('ALTER TABLE link ADD COLUMN "confirmed" INTEGER NOT NULL DEFAULT 1')
    migrator.migrate(
        migrator.add_column("configuration", "data_digest", CharField(300, null=True)),
        *(migrator.add_column("contact", name, field) for name, field in _CONTACT_COLUMNS.items()),
    )

    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Phone(Table):
        mac = CharField(17, primary_key=True)

    class PhoneTag(Table):
        id = AutoField()
        phone = ForeignKeyField(Phone, backref="tags", on_delete="CASCADE")
        tag = CharField(64, index=True)

        class Meta:
            indexes = ((("phone", "tag"), True),)

    class Layout(Table):
        id = AutoField()
        name = CharField(64, unique=True)
        variables = JSONField()
        fills = JSONField()

    class LayoutUse(Table):
        id = AutoField()
        layout = ForeignKeyField(Layout, backref="uses", on_delete="CASCADE")
        kind = CharField(5, constraints=[Check("kind IN ('model', 'tag', 'phone')")])
        target = CharField(128)

        class Meta:
            indexes = ((("layout", "kind", "target"), True), (("kind", "target"), False))

    class Proof(Table):
        phone = ForeignKeyField(Phone, primary_key=True, on_delete="CASCADE")
        touched_at = FloatField(null=True, index=True)
        saved_at = FloatField(null=True)
        wanted_digest = CharField(64, null=True)
        compared_at = FloatField(null=True)
        asked_at = FloatField(null=True)
        asked_operation = IntegerField(null=True)
        registered = BooleanField(null=True)
        registered_at = FloatField(null=True)

    db.create_tables([PhoneTag, Layout, LayoutUse, Proof])
    db.execute_sql("INSERT INTO proof (phone_id) SELECT mac FROM phone")
