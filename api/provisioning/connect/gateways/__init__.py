"""Gateways over their command line: telnet or ssh, the system's own clients, driven by pexpect.

``upload`` puts a configuration on a gateway and proves it; ``tftp`` hands a file to the one gateway
that was told to copy it. Prompts and commands are data of the brand
(``provisioning.engine.gateways.dialogue``).

Facts: gateways.md 3.10, 4.8, 5, 6.
"""
