"""Reading, deciding and writing with nobody else writing in between."""

from provisioning.store.database import transaction

alone = transaction
"""``with alone():`` what is read inside still holds when the writing service is called inside.

Without it two clients could both compare their version with the stored one, and both write.
"""
