"""The tables: what always holds, in words and as constraints.

Times are Unix seconds, UTC. A setting that may hold ``null`` is a difference that takes a value of
the base away (``engine.scopes``).
"""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    Default,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

from provisioning.store.database import database


class Table(Model):
    """Base of all tables."""

    class Meta:
        database = database
        legacy_table_names = False


class Configuration(Table):
    """One row: the number of the configuration, higher after every change."""

    id = IntegerField(primary_key=True, constraints=[Check("id = 1")])
    version = IntegerField(default=1)
    changed_at = IntegerField()
    data_digest = CharField(300, null=True)  # of shipped data and templates, when last looked at


class Defaults(Table):
    """One row: what the site changes in the shipped defaults."""

    id = IntegerField(primary_key=True, constraints=[Check("id = 1")])
    differences = JSONField()


class SiteModel(Table):
    """A model the site made, or what it changes in a shipped one."""

    id = CharField(128, primary_key=True)
    base = CharField(128, null=True)  # a shipped model, itself if this changes it
    display_name = TextField(null=True)  # null: the shipped name
    differences = JSONField()
    mac_prefixes = JSONField(null=True)  # how its devices are recognised, until a release knows it
    user_agents = JSONField(null=True)


class Phone(Table):
    """A registered phone. Its model may be unknown: then only the defaults apply."""

    mac = CharField(17, primary_key=True)  # 00-15-65-AA-BB-01
    model = CharField(128, default="", index=True)
    display_name = TextField(default="")
    variables = JSONField()
    created_at = IntegerField()
    location = TextField(default="", constraints=[Default("''")])
    note = TextField(default="", constraints=[Default("''")])
    serial = CharField(64, default="", constraints=[Default("''")])
    check_code = CharField(
        4, default="", constraints=[Default("''")]
    )  # behind the MAC on the label


class PhoneTag(Table):
    """A word by which phones are found and layouts are given to them."""

    id = AutoField()
    phone = ForeignKeyField(Phone, backref="tags", on_delete="CASCADE")
    phone_id: str  # what peewee makes of it
    tag = CharField(64, index=True)

    class Meta:
        indexes = ((("phone", "tag"), True),)


class Token(Table):
    """What a phone puts into its URL: 1 for the first access, 2 for good.

    A phone shows one of each kind; a migrated one may hold more of kind 2.
    """

    text = CharField(128, primary_key=True)
    phone = ForeignKeyField(Phone, backref="tokens", on_delete="CASCADE")
    kind = IntegerField(constraints=[Check("kind IN (1, 2)")])
    shown = BooleanField(default=True)


class Change(Table):
    """Who changed what, when, before and after. Values may be secret: mask them when showing."""

    id = AutoField()
    at = IntegerField(index=True)
    actor = CharField(128)
    kind = CharField(16)  # phone, model, defaults, file, account, token
    subject = CharField(128, index=True)
    action = CharField(16)  # create, change, delete, rotate, show, import, merge …
    before = JSONField(null=True)
    after = JSONField(null=True)


class DeviceRequest(Table):
    """One request of a device and how it ended. No token and no secret stands here."""

    id = AutoField()
    at = FloatField(index=True)
    phone = CharField(17, null=True, index=True)  # kept when the phone is deleted
    access = CharField(10)  # tok1, tok2, tokenless, gateway, unknown
    address = CharField(45)
    user_agent = CharField(300)
    vendor = CharField(32)
    model = CharField(64)
    firmware = CharField(64)
    method = CharField(8)
    file = CharField(200)
    status = IntegerField()
    outcome = CharField(16)
    reason = TextField(null=True)  # in words for the admin


class Contact(Table):
    """The last time a phone was heard, and what it said of itself."""

    phone = ForeignKeyField(Phone, primary_key=True, on_delete="CASCADE")
    at = FloatField()
    address = CharField(45)
    access = CharField(10)
    vendor = CharField(32)
    model = CharField(64)
    firmware = CharField(64)
    outcome = CharField(16)
    permanent_at = FloatField(null=True)  # last request with the permanent token
    served_at = FloatField(null=True)  # last time it got its configuration with that token
    served_etag = CharField(80, null=True)  # of what it got; equal ETags mean equal bytes
    served_digest = CharField(64, null=True)  # of those bytes
    served_user_agent = CharField(300, null=True)  # the bytes may depend on it
    host = CharField(253, null=True)  # by which name it asked with its permanent token


class Proof(Table):
    """How far changes have come on a phone; that it fetched and what stands in its contact."""

    phone = ForeignKeyField(Phone, primary_key=True, on_delete="CASCADE")
    phone_id: str
    touched_at = FloatField(null=True, index=True)  # a change may concern it; not yet compared
    saved_at = FloatField(null=True)  # the last change that made its file another one
    wanted_digest = CharField(64, null=True)  # of the file it should fetch; null: it has it
    compared_at = FloatField(null=True)
    asked_at = FloatField(null=True)
    asked_operation = IntegerField(null=True)  # which operation asked
    registered = BooleanField(null=True)  # as the PBX said last; null: nobody knows
    registered_at = FloatField(null=True)  # since when
    registered_address = CharField(45, null=True)  # from where, as the PBX sees it


class Knock(Table):
    """A device that nobody registered and that asks for its configuration."""

    mac = CharField(17, primary_key=True)
    via = CharField(4)  # url, pnp
    address = CharField(45)
    user_agent = CharField(300)
    file = CharField(200)  # what it asked for last
    times = IntegerField()
    first_at = FloatField()
    last_at = FloatField(index=True)


class Stranger(Table):
    """An address from which tokens were tried that open nothing."""

    address = CharField(45, primary_key=True)
    requests = IntegerField()
    refused = IntegerField()  # of them, because there were too many
    first_at = FloatField()
    last_at = FloatField(index=True)


class RedirectAccount(Table):
    """An account with a redirect service, and whose phones it is for."""

    kind = CharField(32, primary_key=True)  # connect.rps.catalogue
    settings = JSONField()  # secrets too
    vendors = JSONField()


class Redirection(Table):
    """What a redirect service was told of a phone; it outlives the phone until it is removed."""

    mac = CharField(17, primary_key=True)
    vendor = CharField(32)
    service = CharField(32)  # kind of the account
    state = CharField(8, index=True)  # waiting, done, failed, removing, left
    code = CharField(64, null=True)  # of what went wrong last
    reason = TextField(null=True)  # the same in words
    pin = CharField(64, null=True)  # secret: what the phone asks for at its first start
    place = TextField(null=True)  # the registered URL without its token
    token_digest = CharField(64, null=True)
    serial = CharField(64, default="")  # as the service was told: it may want them at the end too
    check_code = CharField(4, default="")
    changed_at = FloatField()
    wanted = BooleanField(index=True)  # something is to be done, and no operation does it yet


class Account(Table):
    """A person who may sign in."""

    name = CharField(64, primary_key=True)
    password_hash = TextField()  # argon2id


class Credential(Table):
    """A session of an account or a token of a program; only its hash is kept."""

    digest = CharField(64, primary_key=True)  # SHA-256 of the secret, hexadecimal
    kind = CharField(8, constraints=[Check("kind IN ('session', 'service')")])
    name = CharField(64)  # account, or the name of the program
    created_at = IntegerField()
    expires_at = IntegerField(null=True)

    class Meta:
        indexes = ((("kind", "name"), False),)


class Operation(Table):
    """Work for many devices that outlives a request and a crash."""

    id = AutoField()
    kind = CharField(32)  # what is done to each item; names a handler of the worker
    parameters = JSONField()
    started_by = CharField(128)
    created_at = FloatField()
    finished_at = FloatField(null=True, index=True)
    state = CharField(
        10,
        index=True,
        constraints=[Check("state IN ('running', 'paused', 'cancelled', 'done')")],
    )
    per_second = FloatField()  # at most so many items begin in a second, on average


class OperationItem(Table):
    """One device of an operation: what was tried and how it ended."""

    id = AutoField()
    operation = ForeignKeyField(Operation, backref="items", on_delete="CASCADE")
    subject = CharField(128)  # a MAC id, or whatever the kind of operation is about
    state = CharField(
        10,
        default="waiting",
        constraints=[Check("state IN ('waiting', 'working', 'done', 'failed', 'skipped')")],
    )
    attempts = IntegerField(default=0)  # since it was started or retried
    due_at = FloatField()  # not before
    claim = CharField(64, null=True)  # of who works on it; another claim cannot end it
    reason = TextField(null=True)  # in words for the admin
    finished_at = FloatField(null=True)

    class Meta:
        indexes = (
            (("operation", "subject"), True),  # a device takes part once
            (("operation", "state", "due_at"), False),
            (("state", "due_at"), False),
        )
        constraints = [Check("state NOT IN ('failed', 'skipped') OR reason IS NOT NULL")]


class Lease(Table):
    """Who may do what only one process does at a time.

    The holder counts ``renewals`` up. Whoever wants it and sees it stand still for long enough, by
    a clock of its own, may take it: no clock is set right, and none is compared with another's.
    """

    name = CharField(32, primary_key=True)
    holder = CharField(64)
    renewals = IntegerField()


class User(Table):
    """Somebody with an extension, whose devices ring together."""

    id = AutoField()
    name = CharField(128, unique=True)
    display_name = TextField()
    extension = CharField(6, unique=True)
    email = TextField(default="")
    group = TextField(default="", index=True)
    locked = BooleanField(default=False)
    state = JSONField()  # engine.user_state
    removed_at = FloatField(null=True)  # gone from the user domain; devices not yet unlinked

    class Meta:
        table_name = "person"  # user is a reserved word of PostgreSQL


class Link(Table):
    """A phone, or one account of it, that belongs to a user; with its own SIP account."""

    id = AutoField()
    phone = ForeignKeyField(Phone, backref="links", on_delete="CASCADE")
    phone_id: str  # what peewee makes of it
    line = IntegerField(constraints=[Check("line BETWEEN 1 AND 16")])  # account on the phone
    user = ForeignKeyField(User, backref="links", on_delete="RESTRICT", column_name="person_id")
    number = CharField(8, unique=True)
    secret = CharField(64)
    encryption = BooleanField()
    created_at = FloatField()
    confirmed = BooleanField(default=True, constraints=[Default("1")])
    """The account can be used; a PBX that makes number and secret itself has not done so yet."""

    class Meta:
        indexes = ((("phone", "line"), True),)


class Layout(Table):
    """A named set of keys (``engine.layouts``)."""

    id = AutoField()
    name = CharField(64, unique=True)
    variables = JSONField()  # settings of keys
    fills = JSONField()  # runs of keys for the people of a group


class LayoutUse(Table):
    """A layout is applied to all phones of a model or tag, or to one phone."""

    id = AutoField()
    layout = ForeignKeyField(Layout, backref="uses", on_delete="CASCADE")
    layout_id: int
    kind = CharField(5, constraints=[Check("kind IN ('model', 'tag', 'phone')")])
    target = CharField(128)  # a model id, a tag, a MAC id

    class Meta:
        indexes = ((("layout", "kind", "target"), True), (("kind", "target"), False))


class ApplicationSetting(Table):
    """A setting of the application that is set through the API."""

    name = CharField(64, primary_key=True)
    value = JSONField()


class Gateway(Table):
    """A telephony gateway (``engine.gateways.entry`` has the rules of its settings)."""

    id = AutoField()
    mac = CharField(17, unique=True)  # as on the label
    name = CharField(63, unique=True)
    model = CharField(64)
    address = CharField(15, unique=True)  # the static one that it is to have
    settings = JSONField()  # the other members of engine.gateways.entry.GatewayEntry
    admin_password = CharField(64)  # what it is to be; empty: as it is
    user_password = CharField(64)
    login_user = CharField(64, null=True)  # who logs in now; null: as new units come
    login_password = CharField(128, null=True)
    login_shell = CharField(8)  # how one logs in now: telnet, ssh
    host_key = TextField(null=True)
    token = CharField(64, unique=True)  # in the URL of its file
    fetches = BooleanField()  # it is told to fetch its file
    fetched_at = FloatField(null=True)
    delivered = JSONField(null=True)  # the last file that was handed out; see services.gateways
    created_at = FloatField()


class GatewayPort(Table):
    """A port that is used, or was and is switched off; one without a row is free."""

    id = AutoField()
    gateway = ForeignKeyField(Gateway, backref="ports", on_delete="CASCADE")
    gateway_id: int
    number = IntegerField()  # from 1
    enabled = BooleanField()
    protocol = CharField(8)
    line_number = CharField(21)
    user = ForeignKeyField(User, null=True, on_delete="RESTRICT", column_name="person_id")
    extension = CharField(15, null=True, unique=True)  # what a telephone's port registers
    display_name = TextField()
    trunk_name = CharField(64, null=True, unique=True)
    trunk_number = CharField(5, null=True, unique=True)
    secret = CharField(64)

    class Meta:
        indexes = ((("gateway", "number"), True),)


class GatewayUpload(Table):
    """An upload to a gateway, running or ended; no secret but in ``old_configuration``."""

    id = AutoField()
    gateway = ForeignKeyField(Gateway, backref="uploads", on_delete="CASCADE")
    gateway_id: int
    operation = IntegerField(index=True)
    by = CharField(128)
    began_at = FloatField()
    ended_at = FloatField(null=True)
    phase = CharField(16)
    commands = IntegerField()  # so many are sent if all goes well
    sent = IntegerField()
    outcome = CharField(32, null=True)  # connect.gateways.outcomes
    words = TextField()  # the gateway's own
    device = CharField(20, null=True)  # what configuration it is left with
    identity = JSONField(null=True)
    differences = JSONField()
    warnings = JSONField()
    old_configuration = TextField()


class UploadLine(Table):
    """A line of the transcript of an upload."""

    id = AutoField()
    upload = ForeignKeyField(GatewayUpload, backref="lines", on_delete="CASCADE")
    seconds = FloatField()  # since the upload began
    phase = CharField(16)
    kind = CharField(8)
    text = TextField()


TABLES = (
    Configuration,
    Defaults,
    SiteModel,
    Phone,
    Token,
    Change,
    DeviceRequest,
    PhoneTag,
    Contact,
    Proof,
    Knock,
    Stranger,
    RedirectAccount,
    Redirection,
    Account,
    Credential,
    Operation,
    OperationItem,
    Lease,
    User,
    Link,
    Layout,
    LayoutUse,
    ApplicationSetting,
    Gateway,
    GatewayPort,
    GatewayUpload,
    UploadLine,
)
