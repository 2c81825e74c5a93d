"""Web server and worker that start together on a fresh state directory."""

import os
import subprocess
import sys

_PREPARE = """
from provisioning.app import prepare
from provisioning.settings import Settings
print(prepare(Settings.from_environment()) or "")
"""


def test_processes_that_start_together_prepare_the_directory_once(tmp_path):
    environment = {**os.environ, "PROVISIONING_STATE": str(tmp_path)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _PREPARE], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    passwords = [process.communicate(timeout=60)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0] * 4
    assert len([password for password in passwords if password]) == 1
