"""Who may send which command of the socket. tests/hub/test_permissions.py sends each of them as each of these people.

The columns and the words are those of table.py, but for `here`: what the command is about. `room`: a haggle in which the
guest's bid stands; `asked`: a question without an offer; `mine`: a notification of the guest's; `home`: another stay in the
host's home; `-`: nothing. Anonymous callers and ended credentials send no command: their socket is closed with 4401.
"""

from __future__ import annotations

from tests.permissions.table import rows

COLUMNS = ("guest", "party", "host", "owner")
COMMANDS = rows(
    """
# here  command             guest party host  owner
home    negotiation.open    ok    ok    ok    403
room    negotiation.join    404   ok    404   ok
room    negotiation.leave   404   ok    404   ok
room    offer.make          404   turn  404   ok
room    offer.accept        404   turn  404   ok
room    offer.decline       404   turn  404   ok
room    offer.withdraw      404   ok    404   403
room    offer.extend        404   ok    404   turn
room    limit.seal          404   ok    404   ok
room    limit.unseal        404   limit.spent 404 limit.spent
asked   negotiation.close   404   ok    404   ok
room    message.send        404   ok    404   ok
room    typing.set          404   ok    404   ok
room    seen.mark           404   ok    404   ok
mine    notification.read   404   ok    404   404
-       ping                ok    ok    ok    ok
""",
    COLUMNS,
)
