"""The command line of a Grandstream HT, by a write-up of the HT801 and scripts for the HT701.

Real are greeting, prompts, ``Changes are commited.``, ``Rebooting...`` and ``Permission denied``;
the words for what it does not know are made up. What is not committed is lost with the session.
After five wrong passwords it closes at once.
"""

import signal
import sys

from console import GARBAGE, Console, Unit

ATTEMPTS = 5


class Grandstream:
    def __init__(self, folder: str, logged_in: bool):
        self.unit = Unit(folder)
        self.spec, self.state = self.unit.spec, self.unit.state
        self.console = Console(self.unit, discards_type_ahead=False)
        self.say = self.console.say
        if self.state["attempts"] >= ATTEMPTS:
            sys.exit()
        garbage = GARBAGE if self.spec["garbage"] else ""
        self.say(f"Grandstream {self.spec['model']} Command Shell Copyright 2006-2024{garbage}")
        if not logged_in:
            self.log_in()
        self.values = dict(self.state["values"])
        self.in_config = False

    def log_in(self) -> None:
        if self.spec["asks_user"]:
            self.console.ask("Username: ")
        while self.console.ask("Password: ", echo=False) != self.state["login"][1]:
            self.state["attempts"] += 1
            self.unit.save()
            if not self.spec["bare_prompt"]:
                self.say("Permission denied, please try again")
            if self.state["attempts"] >= ATTEMPTS:
                sys.exit()
        self.state["attempts"] = 0
        self.unit.save()

    def run(self) -> None:
        while True:
            command = self.console.ask("CONFIG> " if self.in_config else "GS> ").strip()
            if not command:
                continue
            self.unit.log(command)
            if not self.console.fault(command):
                self.configure(command) if self.in_config else self.obey(command)

    def obey(self, command: str) -> None:
        match command:
            case "status":
                self.say(f"Product Model: {self.spec['model']}")
                self.say(f"MAC Address: {self.spec['mac']}")
                self.say(f"Software Version: {self.spec['firmware']}")
                self.say(f"Network: {self.state['address']}")
            case "config":
                self.in_config = True
            case "reboot":
                self.say("Rebooting...")
                self.boot()
                sys.exit()
            case "exit":
                sys.exit()
            case _:
                self.say("Invalid command")

    def configure(self, command: str) -> None:
        match command.split(" ", 2):
            case ["exit"]:
                self.in_config = False
            case ["commit"]:
                self.state["values"] = self.values
                self.unit.save()
                self.say("Changes are commited.")
            case ["set", number, value] if number.isdecimal():
                self.values[number] = value
                self.say(f"{number} = {value}")
            case ["unset", number] if number.isdecimal():
                self.values[number] = ""
                self.say(f"{number} = ")
            case ["get", number] if not self.spec["reads"]:
                self.say("Invalid command")
            case ["get", number] if number in self.spec["write_only"] or not number.isdecimal():
                self.say("Invalid parameter")
            case ["get", number]:
                self.say(f"{number} = {self.shown(number)}")
            case _:
                self.say("Invalid command")

    def shown(self, number: str) -> str:
        """A unit that has forgotten a value shows another one than was set."""
        return "" if number == self.spec["forgets"] else self.values.get(number, "")

    def boot(self) -> None:
        values = self.state["values"]
        static = values.get("8") == "1"
        written = ".".join(values.get(str(n), "") for n in range(9, 13))
        self.state["address"] = written if static else self.spec["address"]
        if values.get("2"):
            self.state["login"][1] = values["2"]
        self.state["telnet"] = (values.get("28120") or "0") == "0"
        self.state["ssh"] = (values.get("276") or "0") == "0"
        self.unit.restart()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Grandstream(sys.argv[1], logged_in="ssh" in sys.argv[2:]).run()
