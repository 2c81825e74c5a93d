"""DHCP: the options that lead new phones here, as configuration for the server of a network.

``facts`` is what ``vendor.yaml`` says of a vendor's phones, ``plan`` decides which phones get what,
and one module a server writes the plan in its syntax (``text`` for every other server).

Source: NethVoice's manual (supported phones); the pages of Yealink, Snom and Gigaset on DHCP
options; answers of real servers, measured.
"""
