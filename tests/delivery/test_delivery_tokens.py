"""The two tokens of a phone: the first access ends with the first use of the permanent one."""

import sqlite3

import pytest
from served import ACCOUNT, YEALINK, Served

from provisioning.engine.mac import MacAddress
from provisioning.services import phones

FILE = f"{YEALINK.bare}.cfg"


def tokens_on_disk(served: Served) -> set[str]:
    """What another process finds in the database file, without ours having closed it."""
    connection = sqlite3.connect(served.settings.state / "provisioning.sqlite")
    try:
        return {text for (text,) in connection.execute("SELECT text FROM token")}
    finally:
        connection.close()


def test_the_first_access_may_be_used_any_number_of_times(served: Served):
    phone = served.register()

    for _ in range(3):
        assert b"user201" in served.ask(f"{phone.tok1}/{FILE}").data
    assert phones.get(served.site, YEALINK).tok1 == phone.tok1


def test_the_first_access_is_given_the_permanent_address(served: Served):
    phone = served.register()

    body = served.ask(f"{phone.tok1}/{FILE}").text

    assert phone.provisioning_url2 in body
    assert phone.tok1 not in body


@pytest.mark.parametrize(
    "request_path",
    [FILE, "nothing.txt", "firmware/nothing.bin", "backgrounds/..", "y000000000028.cfg"],
)
def test_any_request_with_the_permanent_token_ends_the_first_access(served: Served, request_path):
    phone = served.register()
    assert phone.tok1 in tokens_on_disk(served)

    served.ask(f"{phone.tok2}/{request_path}")

    assert tokens_on_disk(served) == {phone.tok2}
    assert served.ask(f"{phone.tok1}/{FILE}").status_code == 404


def test_a_failing_template_ends_the_first_access_too(served: Served):
    phone = served.register(variables={**ACCOUNT, "tmpl_phone": "nothing.tmpl"})

    assert served.ask(f"{phone.tok2}/{FILE}").status_code == 500

    assert tokens_on_disk(served) == {phone.tok2}


def test_a_head_request_ends_the_first_access_too(served: Served):
    phone = served.register()

    served.ask(f"{phone.tok2}/{FILE}", method="HEAD")

    assert tokens_on_disk(served) == {phone.tok2}


def test_the_first_access_has_ended_on_disk_before_the_answer_begins(served: Served):
    phone = served.register()
    seen = []

    def start_response(status, headers):
        seen.append((status, tokens_on_disk(served)))

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/provisioning/{phone.tok2}/{FILE}"}
    served.delivery({**environ, "REMOTE_ADDR": "192.0.2.1"}, start_response)

    assert seen == [("200 OK", {phone.tok2})]


def test_only_the_phone_itself_loses_its_first_access(served: Served):
    phone = served.register()
    other = served.register(MacAddress.parse("00-15-65-AA-BB-02"))

    served.ask(f"{phone.tok2}/{other.mac.bare}.cfg")

    assert tokens_on_disk(served) == {phone.tok2, other.tok1, other.tok2}


def test_rotation_gives_a_new_first_access_and_ends_the_old_one(served: Served):
    phone = served.register()
    served.ask(f"{phone.tok1}/{FILE}")

    phones.rotate_tok1(YEALINK, by="tests")

    renewed = phones.get(served.site, YEALINK)
    assert renewed.tok2 == phone.tok2
    assert renewed.tok1 not in (None, phone.tok1)
    assert served.ask(f"{phone.tok1}/{FILE}").status_code == 404
    assert served.ask(f"{renewed.tok1}/{FILE}").status_code == 200


def test_a_rotated_first_access_ends_with_a_request_that_is_answered_from_memory(served: Served):
    phone = served.register()
    for _ in range(2):
        assert served.ask(f"{phone.tok2}/{FILE}").status_code == 200
    phones.rotate_tok1(YEALINK, by="tests")

    served.ask(f"{phone.tok2}/{FILE}")

    assert tokens_on_disk(served) == {phone.tok2}


def test_the_tokens_end_with_the_phone(served: Served):
    phone = served.register()
    for token in (phone.tok1, phone.tok2):
        assert served.ask(f"{token}/{FILE}").status_code == 200

    phones.delete(YEALINK, by="tests")

    for token in (phone.tok1, phone.tok2):
        assert served.ask(f"{token}/{FILE}").status_code == 404


def test_tokens_are_made_of_what_phones_do_not_mangle(served: Served):
    phone = served.register()

    for token in (phone.tok1, phone.tok2):
        assert len(token) == 32
        assert set(token) <= set("0123456789abcdef")
