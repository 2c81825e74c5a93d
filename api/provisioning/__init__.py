"""Zero-touch provisioning of IP phones and telephony gateways.

The package is a house of floors; each imports only what is below it: ``engine`` (the domain, pure),
``store`` (the database), ``services`` (use cases), ``web`` (what the HTTP floors share),
``delivery``, ``rest`` and ``tancredi`` (who talks to us), ``app`` and ``cli`` (put together).
"""
