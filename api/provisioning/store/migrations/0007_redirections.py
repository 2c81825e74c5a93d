"""Accounts of redirect services, and what they were told of each phone."""

from peewee import BooleanField, CharField, FloatField, JSONField, Model, TextField


def up(migrator, db):
    """Make the tables; phones get the code that stands behind the address on the label."""
    db.execute_sql("ALTER TABLE phone ADD COLUMN \"check_code\" VARCHAR(4) NOT NULL DEFAULT ''")

    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class RedirectAccount(Table):
        kind = CharField(32, primary_key=True)
        settings = JSONField()
        vendors = JSONField()

    class Redirection(Table):
        mac = CharField(17, primary_key=True)
        vendor = CharField(32)
        service = CharField(32)
        state = CharField(8, index=True)
        code = CharField(64, null=True)
        reason = TextField(null=True)
        pin = CharField(64, null=True)
        place = TextField(null=True)
        token_digest = CharField(64, null=True)
        serial = CharField(64, default="")
        check_code = CharField(4, default="")
        changed_at = FloatField()
        wanted = BooleanField(index=True)

    db.create_tables([RedirectAccount, Redirection])
