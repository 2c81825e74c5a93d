"""Gateways over their command line: telnet or ssh, the system's own clients, driven by pexpect.

``upload`` puts a configuration on a gateway and proves it; ``tftp`` hands a file to the one gateway
that was told to copy it. Prompts and commands are data of the brand
(``provisioning.engine.gateways.dialogue``).

Sources: for Patton what NethVoice's helper and another public tool expect, and SmartWare's guides;
for Grandstream a write-up of the HT801 (SECFORCE) and public scripts for the HT701.
"""
