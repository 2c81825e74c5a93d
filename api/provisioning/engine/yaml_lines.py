"""Where an entry of a YAML file stands, so that a mistake in it can be told with its line."""

from collections.abc import Sequence
from pathlib import Path

import yaml


def line_of(file: Path, where: Sequence[str]) -> int:
    """The line of an entry, found by walking the file's nodes once more.

    Args:
        file: a YAML file, which need not be readable.
        where: the names and positions that lead to the entry, from the file's top.

    Returns:
        The line of the deepest step that exists, from 1.
    """
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.MarkedYAMLError as mistake:
        return mistake.problem_mark.line + 1 if mistake.problem_mark else 1
    except (yaml.YAMLError, UnicodeDecodeError, OSError):
        return 1
    line = 1
    for step in where:
        if isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == step]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and step.isdigit():
            node = node.value[int(step)]
            line = node.start_mark.line + 1
    return line
