"""Telephony gateways, pure: brands and models as data, configurations, files, dialogues.

A brand is a folder ``templates/gateways/<brand>/`` with a ``brand.yaml`` and its templates. What a
person or the PBX enters (``entry``) is checked as a whole (``checking``) and becomes a typed
configuration (``configuration``), which is rendered (``rendering``). What is typed into a gateway's
command line is data too (``dialogue``); ``provisioning.connect.gateways`` types it.

Facts about a brand are in its ``brand.yaml``, which names their sources.
"""
