"""The first form of the database."""

import time

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
    TextField,
)


def up(migrator, db):
    """Make all tables and the two rows that always exist."""

    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Configuration(Table):
        id = IntegerField(primary_key=True, constraints=[Check("id = 1")])
        version = IntegerField(default=1)
        changed_at = IntegerField()

    class Defaults(Table):
        id = IntegerField(primary_key=True, constraints=[Check("id = 1")])
        differences = JSONField()

    class SiteModel(Table):
        id = CharField(128, primary_key=True)
        base = CharField(128, null=True)
        display_name = TextField(null=True)
        differences = JSONField()

    class Phone(Table):
        mac = CharField(17, primary_key=True)
        model = CharField(128, default="", index=True)
        display_name = TextField(default="")
        variables = JSONField()
        created_at = IntegerField()

    class Token(Table):
        text = CharField(128, primary_key=True)
        phone = ForeignKeyField(Phone, backref="tokens", on_delete="CASCADE")
        kind = IntegerField(constraints=[Check("kind IN (1, 2)")])
        shown = BooleanField(default=True)

    class Change(Table):
        id = AutoField()
        at = IntegerField(index=True)
        actor = CharField(128)
        kind = CharField(16)
        subject = CharField(128, index=True)
        action = CharField(16)
        before = JSONField(null=True)
        after = JSONField(null=True)

    class DeviceRequest(Table):
        id = AutoField()
        at = FloatField(index=True)
        phone = CharField(17, null=True, index=True)
        access = CharField(10)
        address = CharField(45)
        user_agent = CharField(300)
        vendor = CharField(32)
        model = CharField(64)
        firmware = CharField(64)
        method = CharField(8)
        file = CharField(200)
        status = IntegerField()
        outcome = CharField(16)
        reason = TextField(null=True)

    class Contact(Table):
        phone = ForeignKeyField(Phone, primary_key=True, on_delete="CASCADE")
        at = FloatField()
        address = CharField(45)
        access = CharField(10)
        vendor = CharField(32)
        model = CharField(64)
        firmware = CharField(64)
        outcome = CharField(16)
        permanent_at = FloatField(null=True)

    class Account(Table):
        name = CharField(64, primary_key=True)
        password_hash = TextField()

    class Credential(Table):
        digest = CharField(64, primary_key=True)
        kind = CharField(8, constraints=[Check("kind IN ('session', 'service')")])
        name = CharField(64)
        created_at = IntegerField()
        expires_at = IntegerField(null=True)

        class Meta:
            indexes = ((("kind", "name"), False),)

    db.create_tables(
        [
            Configuration,
            Defaults,
            SiteModel,
            Phone,
            Token,
            Change,
            DeviceRequest,
            Contact,
            Account,
            Credential,
        ]
    )
    Configuration.create(id=1, changed_at=int(time.time()))
    Defaults.create(id=1, differences={})
