"""The OpenAPI document, and the page to read it with."""


def test_every_operation_but_the_sign_in_needs_a_token(app, anonymous):
    paths = anonymous.get("/api/v1/openapi.json").json["paths"]
    open_ones = set()
    for path, methods in paths.items():
        real = path.format(
            mac="00-15-65-AA-BB-01",
            model_id="m",
            vendor_id="v",
            collection="firmware",
            name="n",
            number=1,
            kind="ymcs",
            server="kea",
            other=1,
        )
        for method in methods.keys() & {"get", "post", "put", "patch", "delete"}:
            answer = anonymous.open(real, method=method.upper())
            if answer.status_code != 401:
                open_ones.add((method, path))
            else:
                assert answer.headers["WWW-Authenticate"] == "Bearer"
                assert answer.content_type == "application/problem+json"
    assert open_ones == {("post", "/api/v1/session")}


def test_the_document_says_that_errors_are_problem_documents(anonymous):
    document = anonymous.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    for response in document["components"]["responses"].values():
        assert set(response["content"]) == {"application/problem+json"}
    for methods in document["paths"].values():
        for method, operation in methods.items():
            if method != "parameters":
                assert "default" in operation["responses"]


def test_the_page_takes_nothing_from_another_address(anonymous):
    page = anonymous.get("/api/v1/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for part in ("/api/v1/", "/api/v1/reader.js", "/api/v1/reader.css"):
        answer = anonymous.get(part)
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "http://" not in answer.text
        assert "https://" not in answer.text
    assert "<script>" not in page.text
    assert "style=" not in page.text


def test_the_page_is_found_by_the_host_alone(anonymous):
    page = anonymous.get("/", follow_redirects=True)
    assert (page.status_code, page.request.path) == (200, "/api/v1/")
