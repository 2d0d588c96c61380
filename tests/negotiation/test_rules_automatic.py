"""What the house answers for a host, to the hundredth, and how many offers a side has left."""

from decimal import Decimal as D

import pytest

from negotiation.rules.automatic import AutoRules, accepts, declines
from tests.negotiation.test_rules_opening import fresh_haggle, frozen_stay

LIST = D("3000.00")


@pytest.mark.parametrize(
    ("percent", "amount", "accepted"),
    [(D(90), "2700.00", True), (D(90), "2699.99", False), (D(90), "2700.01", True), (None, "3000.00", False)],
)
def test_a_bid_of_exactly_the_hosts_share_is_accepted(percent, amount, accepted):
    assert accepts(AutoRules(percent, None), amount=D(amount), list_amount=LIST) is accepted


@pytest.mark.parametrize(
    ("percent", "slack", "amount", "declined"),
    [
        (D(50), D(0), "1500.00", False),
        (D(50), D(0), "1499.99", True),
        (D(50), D(5), "1350.00", False),
        (D(50), D(5), "1349.99", True),
        (D(3), D(5), "0.01", False),
        (None, D(0), "0.01", False),
    ],
)
def test_a_bid_of_exactly_the_line_is_not_declined(percent, slack, amount, declined):
    rules = AutoRules(None, percent)
    assert declines(rules, amount=D(amount), list_amount=LIST, slack_percent=slack) is declined


def test_each_side_has_its_own_offers_left():
    _, frozen = frozen_stay()
    haggle = fresh_haggle(frozen, guest_offers_left=4, host_offers_left=2)
    assert (haggle.left("guest"), haggle.left("host")) == (4, 2)
