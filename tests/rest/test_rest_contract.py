"""What the OpenAPI document promises is kept, whatever is sent (schemathesis)."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from provisioning.app import create_flask, open_site, prepare
from provisioning.services import accounts
from provisioning.settings import Settings
from provisioning.store.database import database

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
THERE = {"mac": "00-15-65-AA-BB-01", "model_id": "yealink-T46", "vendor_id": "yealink"}
FEW_EXAMPLES = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The document, of an application that runs on a site of its own."""
    state = tmp_path_factory.mktemp("contract") / "state"
    given_settings = Settings.from_environment(
        {"PROVISIONING_STATE": str(state), "PROVISIONING_ADMIN_PASSWORD": "contract"}
    )
    prepare(given_settings)
    flask = create_flask(given_settings, open_site(given_settings))
    token = accounts.create_service_token("contract", by="tests")
    loaded = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", flask)
    loaded.config.update(headers={"Authorization": f"Bearer {token}"})
    yield loaded
    database.close()


def aim_at_what_is_there(case):
    """Without this nearly every answer would be: not found."""
    case.path_parameters.update(
        {name: known for name, known in THERE.items() if name in case.path_parameters}
    )
    case.headers["If-Match"] = "*"
    program = case.operation.schema.app.test_client()
    program.post(
        "/api/v1/phones", json={"mac": THERE["mac"]}, headers=case.operation.schema.config.headers
    )


def can_be_wrong(operation):
    """Whether a request can be wrong; any text in a path names something, or nothing."""
    in_path = [parameter.definition["schema"] for parameter in operation.path_parameters]
    odd = [schema for schema in in_path if schema != {"type": "string", "minLength": 1}]
    return bool(odd or list(operation.query) or list(operation.body))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_keeps_its_promises(document, mode):
    kept = 0
    for result in document.get_all_operations():
        operation = result.ok()
        # Nothing is found that could be wrong, after hundreds of attempts.
        if mode is GenerationMode.NEGATIVE and not can_be_wrong(operation):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @FEW_EXAMPLES
        def keeps_its_promises(case):
            if mode is GenerationMode.POSITIVE:
                aim_at_what_is_there(case)
            case.call_and_validate(checks=CHECKS)

        keeps_its_promises()
        kept += 1
    assert kept > 70
