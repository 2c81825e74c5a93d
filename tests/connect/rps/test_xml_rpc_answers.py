"""Reading XML-RPC answers: all forms that services use, and nothing that harms."""

import xmlrpc.client

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.connect.rps.xml_rpc import Reply, read_reply

TRUE = "<value><boolean>1</boolean></value>"
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
TAGS = ["methodResponse", "params", "param", "value", "array", "data", "boolean", "string", "fault",
        "struct", "member", "name", "int"]  # fmt: skip


def answer(inside: str) -> bytes:
    return f"<methodResponse><params>{inside}</params></methodResponse>".encode()


def array(inside: str) -> bytes:
    return answer(f"<param><value><array><data>{inside}</data></array></value></param>")


def fault(inside: str) -> bytes:
    return f"<methodResponse><fault><value>{inside}</value></fault></methodResponse>".encode()


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (array(f"{TRUE}<value><string>OK</string></value>"), Reply(True, ("OK",))),
        (array(f"{TRUE}<value>OK</value>"), Reply(True, ("OK",))),
        (array(f"{TRUE}\n <value>\n OK\n </value>\n"), Reply(True, ("OK",))),
        (array(f"{TRUE}<value></value>"), Reply(True, ("",))),
        (array(TRUE), Reply(True, ())),
        (array("<value><boolean>false</boolean></value><value>no</value>"), Reply(False, ("no",))),
        (array("<value>a</value><value><int>7</int></value>"), Reply(None, ("a", "7"))),
        (array(f"{TRUE}<value>a</value><value>b</value>"), Reply(True, ("a", "b"))),
        (answer("<param><value>OK</value></param>"), Reply(None, ("OK",))),
        (answer(f"<param>{TRUE}</param>"), Reply(True, ())),
        (answer(f"<param>{TRUE}</param><param><value>x</value></param>"), Reply(True, ("x",))),
        (b"\r\n  " + array(f"{TRUE}<value>&lt;&amp;</value>") + b"\n", Reply(True, ("<&",))),
        (
            '<?xml version="1.0" encoding="ISO-8859-1"?>'.encode("latin-1")
            + array(f"{TRUE}<value>perché</value>").decode().encode("latin-1"),
            Reply(True, ("perché",)),
        ),
    ],
)
def test_every_form_is_read(body, reply):
    assert read_reply(body) == reply


@given(ok=st.booleans(), texts=st.lists(PLAIN))
def test_what_the_standard_library_writes_is_read(ok, texts):
    body = xmlrpc.client.dumps(([ok, *texts],), methodresponse=True).encode()
    assert read_reply(body) == Reply(ok, tuple(text.strip() for text in texts))


@given(code=st.integers(-(2**31), 2**31 - 1), text=PLAIN)
def test_a_fault_is_a_refusal_with_its_text(code, text):
    body = xmlrpc.client.dumps(xmlrpc.client.Fault(code, text)).encode()
    reply = read_reply(body)
    assert reply == Reply(False, (text.strip(),))
    assert reply.refuses
    assert not reply.confirms


@pytest.mark.parametrize(
    ("reply", "refuses", "confirms"),
    [
        (Reply(True, ("OK",)), False, True),
        (Reply(True, ()), False, True),
        (Reply(None, ("ok",)), False, True),
        (Reply(None, ("Registered",)), False, False),
        (Reply(False, ("OK",)), True, False),
        (Reply(True, ("Error:x",)), True, False),
        (Reply(None, ("error : x",)), True, False),
        (Reply(None, ("Errors are rare",)), False, False),
    ],
)
def test_a_reply_confirms_refuses_or_neither(reply, refuses, confirms):
    assert (reply.refuses, reply.confirms) == (refuses, confirms)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<html><body>Welcome</body></html>",
        b"<methodResponse/>",
        b"<methodResponse><params/></methodResponse>",
        b"<methodResponse><params/><params/></methodResponse>",
        b"<methodResponse><other/></methodResponse>",
        b"<methodCall><methodName>x</methodName></methodCall>",
        answer("<param/>"),
        answer("<param><value>a</value><value>b</value></param>"),
        array(""),
        array("<value><boolean>2</boolean></value>"),
        array("<value><array><data><value>nested</value></data></array></value>"),
        array("<other/>"),
        answer("<param><value><array/></value></param>"),
        fault(""),
        fault("text"),
        fault("<struct/>"),
        fault("<struct><member><name>faultString</name></member></struct>"),
        array(f"{TRUE}<value>cut")[:-60],
        b'<?xml version="1.0" encoding="klingon"?>' + array(TRUE),
        b'<?xml version="1.0" encoding="utf-16"?>' + array(TRUE),
        array("<value>\xff</value>").decode().encode("latin-1"),
        array("<value>&unknown;</value>"),
        b"<!DOCTYPE x>" + array(TRUE),
        b'<!DOCTYPE x [<!ENTITY e "x">]>' + array("<value>&e;</value>"),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + array("<value>&e;</value>"),
        b'<!DOCTYPE x SYSTEM "http://evil.example.net/x.dtd">' + array(TRUE),
    ],
)
def test_anything_else_is_refused(body):
    with pytest.raises(ValueError, match=r".+"):
        read_reply(body)


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_do_anything_but_be_read_or_refused(body):
    _read_or_refuse(body)


@given(
    st.recursive(
        st.text(st.sampled_from("01OKError: &<")).map(lambda t: t.replace("<", "&lt;")),
        lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=3)).map(
            lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"
        ),
        max_leaves=30,
    )
)
def test_no_nesting_does_anything_but_be_read_or_refused(inside):
    for body in (inside.encode(), answer(inside), array(inside), fault(inside)):
        _read_or_refuse(body)


def test_nesting_without_end_is_refused():
    with pytest.raises(ValueError, match=r".+"):
        read_reply(b"<methodResponse>" + b"<value>" * 200_000)
    deep = 50_000
    with pytest.raises(ValueError, match=r".+"):
        read_reply(answer("<param>" * deep + "</param>" * deep))


def _read_or_refuse(body: bytes) -> None:
    try:
        reply = read_reply(body)
    except ValueError:
        return
    assert reply.ok is not None or reply.texts
    assert not (reply.refuses and reply.confirms)
