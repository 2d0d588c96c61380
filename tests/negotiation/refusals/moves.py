"""Refusals of a move in a negotiation."""

from datetime import timedelta

from core import clock
from tests.factories.properties import make_entry
from tests.factories.stays import day, make_user
from tests.negotiation.play import Play
from tests.negotiation.refusals.scene import Try, answering, edit, offering, owing, scene


@scene("not_found")
def somebody_elses_negotiation(play: Play) -> Try:
    play.open()
    return Try(make_user(), "message.send", {"negotiation": play.id, "text": "Hello?"})


@scene("not_found")
def another_negotiations_offer(play: Play) -> Try:
    other = Play()
    other.open()
    play.open()
    return answering(play, "host", "accept", other.standing())


@scene("not_allowed")
def withdrawing_the_other_sides_offer(play: Play) -> Try:
    play.open()
    return answering(play, "host", "withdraw")


@scene("negotiation.closed")
def after_the_end(play: Play) -> Try:
    play.open()
    offer = play.standing()
    play.answer("guest", "withdraw")
    return answering(play, "host", "accept", offer, params=("status",))


@scene("negotiation.closed")
def after_the_agreement(play: Play) -> Try:
    play.open()
    offer = play.standing()
    play.answer("host", "accept")
    return answering(play, "host", "accept", offer, params=("status", "booking"))


@scene("negotiation.closed")
def words_after_the_time(play: Play) -> Try:
    opened_long_ago(play)
    return Try(play.guest, "message.send", {"negotiation": play.id, "text": "Hello?"}, params=("status",))


@scene("offer.expired")
def after_the_time(play: Play) -> Try:
    return answering(opened_long_ago(play), "host", "accept")


def opened_long_ago(play: Play) -> Play:
    play.now = clock.now() - timedelta(hours=2)
    play.open(expires_in=300)
    return play


@scene("offer.stale")
def an_older_offer(play: Play) -> Try:
    play.open()
    first = play.standing()
    play.offer("host", 2900)
    return answering(play, "guest", "accept", first, params=("offer",))


@scene("offer.not_your_turn")
def twice_in_a_row(play: Play) -> Try:
    play.open()
    return offering(play, "guest", "2100")


@scene("offer.not_your_turn")
def ones_own_offer(play: Play) -> Try:
    play.open()
    return answering(play, "guest", "accept")


@scene("offer.limit_reached")
def no_offers_left(play: Play) -> Try:
    edit(play, offers_per_side=1)
    play.open()
    play.offer("host", 2900)
    return offering(play, "guest", "2100")


@scene("offer.not_a_concession")
def a_lower_bid(play: Play) -> Try:
    play.open()
    play.offer("host", 2900)
    return offering(play, "guest", "2000.00", params=("above", "below"))


@scene("booking.too_many_unpaid")
def three_stays_to_pay(play: Play) -> Try:
    owing(play.guest)
    play.open()
    return answering(play, "host", "accept")


@scene("dates.taken")
def a_hosts_block_in_between(play: Play) -> Try:
    play.open()
    make_entry(play.home, day(1), day(2), kind="block")
    return answering(play, "host", "accept")


@scene("invalid")
def too_short_a_time(play: Play) -> Try:
    play.open()
    made = offering(play, "host", "2900", wrong=("expires_in",))
    made.fields["expires_in"] = 299
    return made


@scene("not_allowed")
def closing_a_haggle(play: Play) -> Try:
    play.open()
    return Try(play.host, "negotiation.close", {"negotiation": play.id})


@scene("invalid")
def extending_to_sooner(play: Play) -> Try:
    play.open()
    tried = answering(play, "guest", "extend", wrong=("expires_in",))
    tried.fields["expires_in"] = 300
    return tried


@scene("offer.not_your_turn")
def extending_the_other_sides_offer(play: Play) -> Try:
    play.open()
    tried = answering(play, "host", "extend")
    tried.fields["expires_in"] = 604_800
    return tried
