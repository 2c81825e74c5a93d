"""Who knocks without being registered, who tries tokens, and by which name phones find us."""

from peewee import CharField, FloatField, IntegerField, Model


def up(migrator, db):
    """Make the tables of knocks and strangers; note the host that a phone asked."""
    migrator.migrate(migrator.add_column("contact", "host", CharField(253, null=True)))

    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Knock(Table):
        mac = CharField(17, primary_key=True)
        via = CharField(4)
        address = CharField(45)
        user_agent = CharField(300)
        file = CharField(200)
        times = IntegerField()
        first_at = FloatField()
        last_at = FloatField(index=True)

    class Stranger(Table):
        address = CharField(45, primary_key=True)
        requests = IntegerField()
        refused = IntegerField()
        first_at = FloatField()
        last_at = FloatField(index=True)

    db.create_tables([Knock, Stranger])
