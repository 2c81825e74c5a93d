"""Moves through the API: planned, reviewed, carried out."""

import pytest

MOVES = "/api/v1/moves"
OLD, NEW, THIRD = (f"00-15-65-00-00-0{n}" for n in (1, 2, 3))


@pytest.fixture
def office(api):
    """Ada has a phone, Bob has none, a third phone is nobody's."""
    for name, extension in (("ada", "201"), ("bob", "202")):
        api.post("/api/v1/users", json={"name": name, "extension": extension})
    for mac in (OLD, THIRD):
        api.post("/api/v1/phones", json={"mac": mac, "model": "yealink-T46"})
    link(api, OLD, "ada")
    return api


def link(api, mac, user):
    path = f"/api/v1/phones/{mac}/link"
    seen = api.get(f"{path}s").headers["ETag"]
    assert api.put(path, json={"user": user}, headers={"If-Match": seen}).status_code == 200


def plan(api, move):
    answer = api.post(f"{MOVES}/plan", json=move)
    assert answer.status_code == 200, answer.text
    return answer


def carry_out(api, move, etag):
    return api.post(MOVES, json=move, headers={"If-Match": etag})


def codes(answer):
    return [effect["code"] for effect in answer.json["effects"]]


@pytest.mark.parametrize(
    "move",
    [
        {"leave": {"user": "ada", "successor": "bob", "devices_follow": True, "remove": True}},
        {"replace": {"old": "001565000001", "new": NEW, "model": "yealink-T42"}},
        {"desk": {"phone": OLD, "location": "Attic", "tags": ["quiet"], "swap_with": THIRD}},
        {"desk": {"phone": OLD, "to": THIRD, "line": 1, "to_line": 2}},
    ],
)
def test_a_planned_move_is_carried_out_as_planned(office, move):
    planned = plan(office, move)
    answer = carry_out(office, move, planned.headers["ETag"])
    assert answer.status_code == 201, answer.text
    assert answer.json["effects"] == planned.json["effects"]
    assert "secret_revoked" in codes(answer)
    assert answer.headers["Location"] == f"/api/v1/history/{answer.json['change']}"
    assert office.get(answer.headers["Location"]).json["kind"] == "move"


def test_without_a_plan_nothing_moves(office):
    answer = office.post(MOVES, json={"leave": {"user": "ada"}})
    assert answer.status_code == 428
    assert answer.json["type"] == "/problems/if-match-needed"
    assert len(office.get("/api/v1/users/ada").json["links"]) == 1


def test_a_situation_that_changed_is_refused_with_the_new_plan(office):
    move = {"leave": {"user": "ada"}}
    etag = plan(office, move).headers["ETag"]
    link(office, THIRD, "ada")
    answer = carry_out(office, move, etag)
    assert answer.status_code == 412
    assert codes(plan(office, move)) == [e["code"] for e in answer.json["current"]["effects"]]
    assert answer.json["sent"] == move
    assert len(office.get("/api/v1/users/ada").json["links"]) == 2
    assert carry_out(office, move, answer.json["current_etag"]).status_code == 201


def test_the_plan_of_one_move_does_not_fit_another(office):
    etag = plan(office, {"leave": {"user": "ada"}}).headers["ETag"]
    answer = carry_out(office, {"leave": {"user": "ada", "remove": True}}, etag)
    assert answer.status_code == 412


@pytest.mark.parametrize(
    ("move", "pointers"),
    [
        ({}, ["#"]),
        ({"leave": {"user": "ada"}, "desk": {"phone": OLD}}, ["#"]),
        ({"leave": {}}, ["#/leave/user"]),
        ({"leave": {"user": "ada", "keys_follow": True}}, ["#/leave/successor"]),
        ({"replace": {"old": "x", "new": "y"}}, ["#/replace/old", "#/replace/new"]),
        ({"replace": {"old": OLD, "new": OLD}}, ["#/replace/new"]),
        ({"desk": {"phone": OLD}}, ["#/desk"]),
        ({"desk": {"phone": OLD, "tags": ["<b>"]}}, ["#/desk/tags"]),
        ({"desk": {"phone": OLD, "to": OLD}}, ["#/desk/to"]),
        ({"desk": {"phone": OLD, "swap_with": OLD}}, ["#/desk/swap_with"]),
        ({"desk": {"phone": OLD, "to": THIRD, "line": 0, "to_line": 17}},
         ["#/desk/line", "#/desk/to_line"]),
    ],
)  # fmt: skip
def test_what_cannot_be_a_move_is_refused_with_all_its_mistakes(office, move, pointers):
    for answer in (office.post(f"{MOVES}/plan", json=move), carry_out(office, move, "*")):
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json["errors"]] == pointers


@pytest.mark.parametrize(
    ("move", "status"),
    [
        ({"leave": {"user": "nobody"}}, 404),
        ({"replace": {"old": OLD, "new": NEW, "model": "acme-1"}}, 404),
        ({"replace": {"old": THIRD, "new": OLD}}, 409),
        ({"desk": {"phone": NEW, "location": "x"}}, 404),
    ],
)
def test_a_move_that_cannot_be_carried_out_cannot_be_planned_either(office, move, status):
    assert office.post(f"{MOVES}/plan", json=move).status_code == status
    assert carry_out(office, move, "*").status_code == status
