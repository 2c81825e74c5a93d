"""SIP PnP: a new phone asks its network by multicast where its configuration is, and is told.

The phone sends a SUBSCRIBE for the event ``ua-profile`` to 224.0.1.75; the server answers 200 and
sends a NOTIFY with the URL. Nothing of this is proven: the MAC address is a phone's own claim. So
whoever decides (the callback of ``server.PnpServer``) gives a URL to phones that are waited for,
and silence to all others.

``message`` reads a datagram, ``device`` tells who asks, ``exchange`` holds one conversation,
``exchanges`` all of them with their limits, ``server`` has the sockets. Our own small parser rather
than a SIP library: it reads two kinds of message of at most 4 KB, and refuses whatever it does not
know.

Sources: pages of Snom, Yealink, Gigaset, Panasonic and AudioCodes, a manual of Planet's (made by
Fanvil), public PnP servers.
"""
