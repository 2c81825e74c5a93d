"""Signing in and out, and who may do what."""

import time

import pytest

from provisioning.store.tables import Credential

SESSION = "/api/v1/session"


@pytest.fixture
def browser(anonymous, password):
    """A browser that the administrator is signed in with."""
    answer = anonymous.post(SESSION, json={"name": "admin", "password": password})
    assert answer.status_code == 201
    return anonymous


def test_signing_in_gives_a_token_and_a_cookie_that_scripts_and_other_sites_cannot_use(
    anonymous, password
):
    answer = anonymous.post(SESSION, json={"name": "admin", "password": password})
    assert answer.status_code == 201
    assert answer.json["name"] == "admin"
    assert answer.json["expires_in"] == 12 * 3600
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"provisioning_session={answer.json['token']};")
    for attribute in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/"):
        assert attribute in cookie


def test_the_token_and_the_cookie_both_sign(app, browser, password):
    assert browser.get(SESSION).json["name"] == "admin"
    token = browser.post(SESSION, json={"name": "admin", "password": password}).json["token"]
    program = app.test_client(use_cookies=False)
    answer = program.get(SESSION, headers={"Authorization": f"Bearer {token}"})
    assert answer.json["kind"] == "session"
    assert answer.json["expires_at"].endswith("+00:00")


@pytest.mark.parametrize(
    "given",
    [
        {"name": "admin", "password": "wrong"},
        {"name": "nobody", "password": "wrong"},
        {"name": "admin", "password": ""},
    ],
)
def test_it_is_not_told_whether_the_name_or_the_password_is_wrong(anonymous, given):
    answer = anonymous.post(SESSION, json=given)
    assert answer.status_code == 401
    assert answer.json == {
        "type": "/problems/sign-in-refused",
        "title": "Not signed in",
        "status": 401,
        "detail": "Name or password is wrong.",
    }
    assert "Set-Cookie" not in answer.headers


def test_an_address_has_ten_attempts_a_minute(anonymous, password):
    right = {"name": "admin", "password": password}
    for _ in range(10):
        assert anonymous.post(SESSION, json=right).status_code == 201
    refused = anonymous.post(SESSION, json=right)
    assert refused.status_code == 429
    assert refused.json["type"] == "/problems/too-many-requests"
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    other = {"REMOTE_ADDR": "192.0.2.7"}
    assert anonymous.post(SESSION, json=right, environ_base=other).status_code == 201
    assert anonymous.get(SESSION).status_code == 200


def test_a_signed_out_session_signs_nothing(app, browser):
    token = browser.get_cookie("provisioning_session").value
    assert browser.delete(SESSION).status_code == 204
    assert browser.get_cookie("provisioning_session") is None
    program = app.test_client(use_cookies=False)
    answer = program.get(SESSION, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_service_token_is_not_signed_out_by_accident(api):
    assert api.delete(SESSION).status_code == 403
    assert api.get(SESSION).status_code == 200


def test_a_session_that_has_expired_signs_nothing(browser):
    Credential.update(expires_at=int(time.time()) - 1).execute()
    assert browser.get(SESSION).status_code == 401


def test_a_wrong_token_is_not_made_good_by_the_cookie(browser):
    answer = browser.get(SESSION, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_the_form_of_another_page_cannot_use_the_cookie(browser):
    """A form sends these three types only; JSON needs a permission that nobody is given."""
    body = '{"mac": "00:15:65:aa:bb:01"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = browser.post("/api/v1/phones", data=body, content_type=kind)
        assert answer.status_code == 415
        assert answer.json["type"] == "/problems/media-type"
    assert browser.get("/api/v1/phones").json["total"] == 0


def test_a_page_of_a_sister_host_cannot_use_the_cookie(browser):
    headers = {"Sec-Fetch-Site": "same-site"}
    body = {"mac": "00:15:65:aa:bb:01"}
    assert browser.post("/api/v1/phones", json=body, headers=headers).status_code == 403
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert browser.post("/api/v1/phones", json=body, headers=headers).status_code == 201
