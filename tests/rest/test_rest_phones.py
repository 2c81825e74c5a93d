"""Phones through the API."""

import pytest



def test_smoke(api, phone):
    a = api.get(phone)
    print(a.status_code, a.headers, a.text)
    for path in ("/api/v1/phones", phone + "/effective", phone + "/preview", phone + "/preview?secrets=1", phone+"/secrets", phone+"/requests", "/api/v1/history", "/api/v1/models", "/api/v1/models/yealink-T46", "/api/v1/models/yealink-T46/shipped", "/api/v1/defaults", "/api/v1/defaults/secrets", "/api/v1/parameters", "/api/v1/parameters/categories", "/api/v1/vendors", "/api/v1/vendors/yealink", "/api/v1/files/firmware", "/api/v1/session", "/api/v1/openapi.json", "/api/v1/", "/api/v1/reader.js", "/api/nothing", "/nothing"):
        a = api.get(path)
        print("=====", path, a.status_code, a.text[:700])
    assert 0
