"""The command line of a Patton Trinity unit, composed of what is known and what is likely.

Real are the prompts (NethVoice's helper waits for them), ``Authentication failed!`` and
``The system is going down`` (seen on SmartWare units by another public tool); all other words are
made up, since none could be established. The unit discards what is typed before its prompt, keeps
startup, running and named configurations, and really fetches what it is told to copy.
"""

import re
import signal
import subprocess
import sys

from console import GARBAGE, Console, Unit

PAGE = 24


class Trinity:
    def __init__(self, folder: str, logged_in: bool):
        self.unit = Unit(folder)
        self.spec, self.state = self.unit.spec, self.unit.state
        self.console = Console(self.unit, discards_type_ahead=True)
        self.say = self.console.say
        if not logged_in:
            self.log_in()
        self.privileged = False

    def log_in(self) -> None:
        self.say("SN-SIM Trinity 3.x" + (GARBAGE if self.spec["garbage"] else ""))
        while True:
            user = self.console.ask("login: ")
            password = self.console.ask("Password: ", echo=False)
            if [user, password] == self.state["login"]:
                return
            self.say("Authentication failed!")

    def run(self) -> None:
        while True:
            sign = "#" if self.privileged else ">"
            command = self.console.ask(f"{self.state['host']}{sign} ").strip()
            if not command:
                continue
            self.unit.log(command)
            if not self.console.fault(command) and self.obey(command.split()):
                return

    def obey(self, words: list[str]) -> bool:
        """Do what is told; true ends the session."""
        match words:
            case ["enable"]:
                self.privileged = True
            case ["exit"]:
                return True
            case _ if not self.privileged:
                self.unknown()
            case ["show", "version"]:
                self.say(
                    f"Product: {self.spec['model']}   Serial: {self.spec['mac']}   "
                    f"Release: {self.spec['firmware']}"
                )
            case ["show", "running-config"]:
                self.show(self.state["configurations"]["running-config"])
            case ["copy", source, target]:
                self.copy(source, target)
            case ["reload"]:
                return self.reload()
            case _:
                self.unknown()
        return False

    def unknown(self) -> None:
        self.say("% Unrecognized command")

    def show(self, text: str) -> None:
        for number, line in enumerate(text.splitlines(), start=1):
            if self.spec["masks_secrets"]:
                line = re.sub(r"password \S+", "password encrypted XXXXXX", line)
            self.say(line)
            if self.spec["pager"] and number % PAGE == 0:
                self.console.key("--More--")

    def copy(self, source: str, target: str) -> None:
        if "://" in source:
            text = self.fetch(source)
            if text is None:
                self.say("% Transfer failed: file not found")
                return
            self.say(f"Transferred {len(text.encode())} bytes")
        elif source in self.state["configurations"]:
            text = self.state["configurations"][source]
        else:
            self.say("% No such configuration")
            return
        self.state["configurations"][target] = text
        self.unit.save()

    def fetch(self, url: str) -> str | None:
        own = self.state["address"].replace("192.", "127.", 1)
        done = subprocess.run(
            ["curl", "-s", "-f", "--interface", own, "--max-time", "20", "--tftp-no-options", url],
            capture_output=True, check=False,
        )  # fmt: skip
        text = done.stdout.decode()
        if done.returncode != 0:
            return None
        return text[: self.spec["cut"]] if self.spec["cut"] else text

    def reload(self) -> bool:
        reload = self.spec["reload"]
        if reload == "two questions":
            if self.console.ask("Press 'yes' to store, 'no' to drop changes : ") == "yes":
                configurations = self.state["configurations"]
                configurations["startup-config"] = configurations["running-config"]
            if self.console.ask("Press 'yes' to restart, 'no' to cancel : ") != "yes":
                return False
        elif reload != "no question":
            answer = self.console.ask("Restart the system now? [yes/no]: ")
            if answer != "yes" or reload == "refused":
                self.say("Reload cancelled")
                return False
        if reload != "no words":
            self.say("The system is going down")
        self.boot()
        return True

    def boot(self) -> None:
        """What the configuration does not say is as the factory made it."""
        text = self.state["configurations"]["startup-config"]
        self.state["configurations"]["running-config"] = text
        account = re.search(r"^administrator (\S+) password (\S+)$", text, re.MULTILINE)
        address = re.search(r"ipaddress WAN (\S+)", text)
        self.state["login"] = [*account.groups()] if account else self.spec["login"]
        self.state["address"] = address[1] if address else self.spec["address"]
        self.state["host"] = self.state["address"]
        for service in ("telnet", "ssh"):
            found = re.search(
                rf"^{service}-server\n(?: .*\n)*?  (no )?shutdown$", text, re.MULTILINE
            )
            self.state[service] = bool(found[1]) if found else self.spec[service]
        self.unit.restart()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends a command, not the session
    Trinity(sys.argv[1], logged_in="ssh" in sys.argv[2:]).run()
