"""Whole files as phones get them: a case is a folder ``tests/rendered/<model>/<case>/``.

``phone.yaml`` holds the phone's ``variables`` and, if it matters, what else ``phones.render``
takes (``mac``, ``complete``, ``user_agent``, ``files``, ``tokenless``, ``template``);
``expected.*`` holds every byte of the answer. A new case is a new folder.
"""

from pathlib import Path

import pytest
import yaml
from phones import render

CASES = sorted((Path(__file__).parents[1] / "rendered").glob("*/*/phone.yaml"))


@pytest.mark.parametrize(
    "case", [file.parent for file in CASES], ids=lambda case: f"{case.parent.name}/{case.name}"
)
def test_a_phone_gets_exactly_this_file(case):
    phone = yaml.safe_load((case / "phone.yaml").read_text(encoding="utf-8"))
    (expected,) = case.glob("expected.*")
    body = render(case.parent.name, phone.pop("variables"), **phone)
    assert body.splitlines() == expected.read_bytes().decode("utf-8").splitlines()
    assert body.encode() == expected.read_bytes()


def test_there_are_cases():
    assert CASES
