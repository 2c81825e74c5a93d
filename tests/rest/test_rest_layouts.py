"""Key layouts through the API."""

LAYOUTS = "/api/v1/layouts"
FRONT = {
    "name": "Front desk",
    "variables": {"linekey_type_3": "blf", "linekey_person_3": "ada"},
    "fills": [{"kind": "linekey", "first": 5, "last": 9, "group": "sales"}],
    "uses": {"models": ["yealink-T46"], "phones": ["0015.65aa.bb01"]},
}


def test_a_layout_is_made_shown_and_removed(api, phone):
    made = api.post(LAYOUTS, json=FRONT)
    assert made.status_code == 201, made.text
    assert made.json == {
        "name": "Front desk",
        "variables": FRONT["variables"],
        "fills": [{**FRONT["fills"][0], "order": "name"}],
        "uses": {"models": ["yealink-T46"], "tags": [], "phones": ["00-15-65-AA-BB-01"]},
        "orphans": ["linekey_person_3"],
        "left_over": {},
    }
    path = made.headers["Location"]
    assert api.get(path.replace(" ", "%20")).json == made.json
    assert api.get(LAYOUTS).json["items"] == [made.json]
    assert api.get(phone).json["layouts"] == ["Front desk"]
    gone = api.delete(path, headers={"If-Match": made.headers["ETag"]})
    assert gone.status_code == 204
    assert api.get(path).status_code == 404


def test_a_change_replaces_what_it_names_and_nothing_else(api, phone):
    made = api.post(LAYOUTS, json=FRONT)
    path, etag = made.headers["Location"], made.headers["ETag"]
    changed = api.patch(path, json={"variables": {}}, headers={"If-Match": etag})
    assert changed.json == {**made.json, "variables": {}, "orphans": []}


def test_wrong_members_are_named(api):
    wrong = {"linekey_type_3": "nonsense", "language": "it"}
    answer = api.post(LAYOUTS, json={"name": "X", "variables": wrong})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/variables/linekey_type_3"
    answer = api.post(LAYOUTS, json={"name": "X", "variables": {"language": "it"}})
    assert answer.json["errors"][0]["pointer"] == "#/variables/language"
    answer = api.post(LAYOUTS, json={"name": "a/b"})
    assert answer.json["errors"][0]["pointer"] == "#/name"
    fill = {"kind": "linekey", "first": 3, "last": 2, "group": "sales"}
    answer = api.post(LAYOUTS, json={"name": "X", "fills": [fill]})
    assert answer.json["errors"][0]["pointer"] == "#/fills"
    answer = api.post(LAYOUTS, json={"name": "X", "uses": {"phones": ["nonsense"]}})
    assert answer.json["errors"][0]["pointer"] == "#/uses/phones"
    assert api.get(LAYOUTS).json["items"] == []


def test_a_key_of_a_layout_names_the_layout_as_its_origin(api, phone):
    api.post("/api/v1/users", json={"name": "ada", "display_name": "Ada", "extension": "201"})
    api.post(LAYOUTS, json=FRONT)
    settings = {s["name"]: s for s in api.get(f"{phone}/effective").json["items"]}
    label = settings["linekey_label_3"]
    assert (label["value"], label["origin"]) == ("Ada", {"kind": "layout", "id": "Front desk"})
