"""The README tells of every variable, command and page of the manual, and of no other."""

import os
import re
from pathlib import Path

import click
import pytest
from generate import DOCS, LANGUAGES, PAGES

from provisioning.cli import main
from provisioning.settings import Settings

README = (Path(DOCS).parent / "README.md").read_text(encoding="utf-8")
VARIABLES = {
    name: default.strip()
    for name, default in re.findall(r"^\| `(PROVISIONING_\w+)` \|([^|]*)\|", README, re.MULTILINE)
}
WORDS = {
    "none": "",
    "number of cores": str(os.cpu_count()),
    "`http://` + listen address": "http://127.0.0.1:8080",
    # Made up at the first start.
    "random, printed once": None,
    # A list too long for its cell.
    "private networks": None,
}
"""What defaults told in words are, as somebody would set them; None: no value tells it."""
# Lines of a console, without what explains them.
TYPED = [
    line.split("#")[0].split()[1:]
    for line in re.findall(r"^(?:\$ )?provisioning .*$", README, re.MULTILINE)
]


class Recorded(dict):
    """An environment that notes what is looked up in it."""

    def __init__(self):
        super().__init__()
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)


def commands(group: click.Group, *path: str) -> dict[tuple[str, ...], click.Command]:
    """What can be typed, by its words; groups themselves do nothing."""
    found = {}
    for name, command in group.commands.items():
        inner = isinstance(command, click.Group)
        found |= commands(command, *path, name) if inner else {(*path, name): command}
    return found


COMMANDS = commands(main)


def test_every_variable_that_is_read_is_explained_and_no_other():
    environment = Recorded()
    Settings.from_environment(environment)
    assert set(VARIABLES) == environment.asked
    assert set(re.findall(r"PROVISIONING_\w+", README)) == environment.asked


@pytest.mark.parametrize("name", VARIABLES)
def test_the_default_of_a_variable_is_the_one_that_is_told(name):
    told = re.fullmatch("`(.*)`", VARIABLES[name])
    if told:
        value = told[1]
    else:
        assert VARIABLES[name] in WORDS, "a default that is neither a value nor known in words"
        value = WORDS[VARIABLES[name]]
    if value is not None:
        assert Settings.from_environment({name: value}) == Settings.from_environment({})


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_shown(words):
    assert any(tuple(line[: len(words)]) == words for line in TYPED)


@pytest.mark.parametrize("line", TYPED, ids=" ".join)
def test_what_is_shown_can_be_typed(line):
    [command] = [made for words, made in COMMANDS.items() if tuple(line[: len(words)]) == words]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in line if word.startswith("--")} <= options


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_readme_leads_to_every_page_of_the_manual(kind, language):
    assert f"(docs/{language}/{getattr(PAGES[kind], language)})" in README


def test_the_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert target.startswith("https://") or (DOCS.parent / target).exists(), target
