"""Users, the links of their phones, and the settings of the application."""

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
    """Make the tables of users, links and application settings."""

    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Phone(Table):
        mac = CharField(17, primary_key=True)

    class User(Table):
        id = AutoField()
        name = CharField(128, unique=True)
        display_name = TextField()
        extension = CharField(6, unique=True)
        email = TextField(default="")
        group = TextField(default="", index=True)
        locked = BooleanField(default=False)
        state = JSONField()
        removed_at = FloatField(null=True)

        class Meta:
            table_name = "person"

    class Link(Table):
        id = AutoField()
        phone = ForeignKeyField(Phone, backref="links", on_delete="CASCADE")
        line = IntegerField(constraints=[Check("line BETWEEN 1 AND 16")])
        user = ForeignKeyField(User, backref="links", on_delete="RESTRICT", column_name="person_id")
        number = CharField(8, unique=True)
        secret = CharField(64)
        encryption = BooleanField()
        created_at = FloatField()

        class Meta:
            indexes = ((("phone", "line"), True),)

    class ApplicationSetting(Table):
        name = CharField(64, primary_key=True)
        value = JSONField()

    db.create_tables([User, Link, ApplicationSetting])
