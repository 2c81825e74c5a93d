"""What the OpenAPI document promises is kept, whatever is sent (schemathesis)."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from provisioning.app import create_flask, open_site, prepare
from provisioning.services import accounts
from provisioning.settings import Settings
from provisioning.store.database import database

TOKEN = "Authorization"


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The document, of an application that runs on a site of its own."""
    state = tmp_path_factory.mktemp("contract") / "state"
    given = Settings.from_environment(
        {"PROVISIONING_STATE": str(state), "PROVISIONING_ADMIN_PASSWORD": "contract"}
    )
    prepare(given)
    flask = create_flask(given, open_site(given))
    token = accounts.create_service_token("contract", by="tests")
    loaded = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", flask)
    loaded.config.update(headers={TOKEN: f"Bearer {token}"})
    yield loaded
    database.close()


operations = schemathesis.pytest.from_fixture("document")


@operations.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_its_promises(case):
    case.call_and_validate(
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
            response_headers_conformance,
            ignored_auth,
        ]
    )
