"""A terminal with a program in it: bounded in time and memory, and gone at the end."""

import os
import re
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.connect.gateways.terminal import (
    MAX_ANSWER_BYTES,
    Cancelled,
    Ended,
    ProgramMissing,
    Silent,
    Terminal,
)

PROMPT = {"prompt": re.compile(r"(?m)^host#\s*\Z")}


@contextmanager
def program(text: str, cancelled: threading.Event | None = None):
    """A terminal with a Python program in it."""
    start = "import signal, sys, time\nsay = lambda t: (sys.stdout.write(t), sys.stdout.flush())\n"
    command = [sys.executable, "-S", "-E", "-c", start + text]
    with Terminal(command, cancelled or threading.Event()) as terminal:
        yield terminal


def children() -> set[str]:
    tasks = Path(f"/proc/{os.getpid()}/task")
    return {pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()}


def test_a_prompt_counts_only_if_nothing_follows():
    with program(
        "say('host#'); time.sleep(0.1); say(' is not a prompt\\nhost# '); time.sleep(9)"
    ) as t:
        name, text = t.wait_for(PROMPT, 5, settle=0.4)
    assert (name, text) == ("prompt", "host# is not a prompt\nhost# ")


def test_what_is_left_is_seen_again():
    with program("say('host# '); time.sleep(9)") as terminal:
        assert terminal.wait_for({"any": re.compile("host")}, 5, leave=True)[0] == "any"
        assert terminal.wait_for(PROMPT, 5) == ("prompt", "host# ")


def test_a_line_that_is_typed_arrives_as_one():
    with program(
        "say('host# '); say(repr(sys.stdin.readline()) + '\\nhost# '); time.sleep(9)"
    ) as t:
        t.wait_for(PROMPT, 5)
        t.send("set 47 pbx")
        _, text = t.wait_for(PROMPT, 5)
    assert text == "set 47 pbx\n'set 47 pbx\\n'\nhost# "


@given(line=st.text(max_size=20))
def test_no_text_is_typed_as_more_than_one_line(line):
    typed = []
    terminal = Terminal(["unused"], threading.Event())
    terminal._write = typed.append
    try:
        terminal.send(line)
    except ValueError:
        assert typed == []
    else:
        [data] = typed
        assert data[-1:] == b"\r"
        assert data[:-1].decode().isprintable()


def test_silence_ends_in_time_with_what_was_said():
    with program("say('half a prom'); time.sleep(9)") as terminal:
        began = time.monotonic()
        with pytest.raises(Silent) as silent:
            terminal.wait_for(PROMPT, 0.4)
    assert silent.value.received == "half a prom"
    assert time.monotonic() - began < 3


def test_a_trickle_does_not_renew_the_time_allowed():
    with program("while True: say('x'); time.sleep(0.02)") as terminal:
        began = time.monotonic()
        with pytest.raises(Silent):
            terminal.wait_for(PROMPT, 0.4)
    assert time.monotonic() - began < 3


def test_an_answer_without_end_fills_no_memory():
    with program("while True: say('x' * 10_000)") as terminal, pytest.raises(Silent) as silent:
        terminal.wait_for(PROMPT, 30)
    assert len(silent.value.received) < MAX_ANSWER_BYTES + 10_000


def test_the_end_of_the_program_is_told_with_its_last_words():
    with program("say('Connection closed')") as terminal, pytest.raises(Ended) as ended:
        terminal.wait_for(PROMPT, 5)
    assert ended.value.received == "Connection closed"


def test_a_wait_can_be_cancelled_and_can_be_deaf_to_it():
    cancelled = threading.Event()
    with program("time.sleep(0.3); say('host# '); time.sleep(9)", cancelled) as terminal:
        cancelled.set()
        with pytest.raises(Cancelled):
            terminal.wait_for(PROMPT, 5)
        terminal.heeds_cancel = False
        assert terminal.wait_for(PROMPT, 5)[0] == "prompt"


@pytest.mark.parametrize("failure", [None, LookupError, KeyboardInterrupt])
def test_a_program_that_will_not_end_is_gone_at_the_end(failure):
    deaf = "[signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]"
    before = children()
    try:
        with program(f"{deaf}\nsay('host# ')\ntime.sleep(99)") as terminal:
            terminal.wait_for(PROMPT, 5)
            assert len(children() - before) == 1
            if failure:
                raise failure
    except (LookupError, KeyboardInterrupt):
        pass
    assert children() - before == set()


def test_a_program_that_has_ended_leaves_nothing():
    before = children()
    with program("") as terminal:
        assert terminal.wait_for_end(5)
    assert children() - before == set()


def test_a_program_that_is_not_there_is_told_by_name():
    with pytest.raises(ProgramMissing) as missing, Terminal(["no-such-program"], threading.Event()):
        pass
    assert missing.value.program == "no-such-program"
