"""Gateways with their ports, and what came of uploading to them."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)


def up(migrator, db):
    """Make the tables."""

    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class User(Table):
        id = AutoField()

        class Meta:
            table_name = "person"

    class Gateway(Table):
        id = AutoField()
        mac = CharField(17, unique=True)
        name = CharField(63, unique=True)
        model = CharField(64)
        address = CharField(15, unique=True)
        settings = JSONField()
        admin_password = CharField(64)
        user_password = CharField(64)
        login_user = CharField(64, null=True)
        login_password = CharField(128, null=True)
        login_shell = CharField(8)
        host_key = TextField(null=True)
        token = CharField(64, unique=True)
        fetches = BooleanField()
        fetched_at = FloatField(null=True)
        delivered = JSONField(null=True)
        created_at = FloatField()

    class GatewayPort(Table):
        id = AutoField()
        gateway = ForeignKeyField(Gateway, backref="ports", on_delete="CASCADE")
        number = IntegerField()
        enabled = BooleanField()
        protocol = CharField(8)
        line_number = CharField(21)
        user = ForeignKeyField(User, null=True, on_delete="RESTRICT", column_name="person_id")
        extension = CharField(15, null=True, unique=True)
        display_name = TextField()
        trunk_name = CharField(64, null=True, unique=True)
        trunk_number = CharField(5, null=True, unique=True)
        secret = CharField(64)

        class Meta:
            indexes = ((("gateway", "number"), True),)

    class GatewayUpload(Table):
        id = AutoField()
        gateway = ForeignKeyField(Gateway, backref="uploads", on_delete="CASCADE")
        operation = IntegerField(index=True)
        by = CharField(128)
        began_at = FloatField()
        ended_at = FloatField(null=True)
        phase = CharField(16)
        commands = IntegerField()
        sent = IntegerField()
        outcome = CharField(32, null=True)
        words = TextField()
        device = CharField(20, null=True)
        identity = JSONField(null=True)
        differences = JSONField()
        warnings = JSONField()
        old_configuration = TextField()

    class UploadLine(Table):
        id = AutoField()
        upload = ForeignKeyField(GatewayUpload, backref="lines", on_delete="CASCADE")
        seconds = FloatField()
        phase = CharField(16)
        kind = CharField(8)
        text = TextField()

    db.create_tables([Gateway, GatewayPort, GatewayUpload, UploadLine])
