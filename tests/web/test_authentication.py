"""Who signs a request."""

import pytest
from flask import Request
from werkzeug.test import create_environ

from provisioning.services import accounts
from provisioning.web import authentication


def request(authorization: str = "", cookie: str = "") -> Request:
    headers = {"Authorization": authorization, "Cookie": cookie}
    return Request(create_environ(headers={name: v for name, v in headers.items() if v}))


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("", None),
        ("abc", None),
    ],
)
def test_a_bearer_token_is_read_from_its_header(header, token):
    assert authentication.bearer(request(header)) == token


def test_a_session_signs_by_header_and_where_allowed_by_cookie(site):
    secret = accounts.sign_in("admin", "first-password")
    by_cookie = request(cookie=f"{authentication.SESSION_COOKIE}={secret}")

    assert authentication.holder(request(f"Bearer {secret}"), cookies=False).name == "admin"
    assert authentication.holder(by_cookie, cookies=True).name == "admin"
    assert authentication.holder(by_cookie, cookies=False) is None


def test_a_wrong_token_is_not_replaced_by_the_cookie(site):
    secret = accounts.sign_in("admin", "first-password")
    both = request("Bearer wrong", f"{authentication.SESSION_COOKIE}={secret}")

    assert authentication.holder(both, cookies=True) is None


def test_nobody_signs_a_request_without_either(site):
    assert authentication.holder(request(), cookies=True) is None


def test_the_history_tells_people_and_programs_apart(site):
    token = accounts.create_service_token("nethvoice", by="tests")
    session = accounts.sign_in("admin", "first-password")

    names = [authentication.actor(accounts.holder(secret)) for secret in (token, session)]

    assert names == ["token:nethvoice", "admin"]
