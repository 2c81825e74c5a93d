"""Durable operations: what takes longer than a request, one item a device."""

from peewee import (
    AutoField,
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
    """Make the tables of operations and of the worker's lease."""

    class Table(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Operation(Table):
        id = AutoField()
        kind = CharField(32)
        parameters = JSONField()
        started_by = CharField(128)
        created_at = FloatField()
        finished_at = FloatField(null=True, index=True)
        state = CharField(
            10,
            index=True,
            constraints=[Check("state IN ('running', 'paused', 'cancelled', 'done')")],
        )
        per_second = FloatField()

    class OperationItem(Table):
        id = AutoField()
        operation = ForeignKeyField(Operation, backref="items", on_delete="CASCADE")
        subject = CharField(128)
        state = CharField(
            10,
            default="waiting",
            constraints=[Check("state IN ('waiting', 'working', 'done', 'failed', 'skipped')")],
        )
        attempts = IntegerField(default=0)
        due_at = FloatField()
        claim = CharField(64, null=True)
        reason = TextField(null=True)
        finished_at = FloatField(null=True)

        class Meta:
            indexes = (
                (("operation", "subject"), True),
                (("operation", "state", "due_at"), False),
                (("state", "due_at"), False),
            )
            constraints = [Check("state NOT IN ('failed', 'skipped') OR reason IS NOT NULL")]

    class Lease(Table):
        name = CharField(32, primary_key=True)
        holder = CharField(64)
        renewals = IntegerField()

    db.create_tables([Operation, OperationItem, Lease])
