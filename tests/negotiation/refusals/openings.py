"""Refusals of an opening."""

from tests.factories.properties import make_entry
from tests.factories.stays import day
from tests.negotiation.play import Play
from tests.negotiation.refusals.scene import Try, edit, opening, scene


@scene("invalid")
def an_amount_with_three_decimals(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, amount="12.345"), wrong=("amount",))


@scene("invalid")
def a_question_without_words(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, amount=None), wrong=("message",))


@scene("not_found")
def an_unknown_home(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, property=2**62))


@scene("not_found")
def a_draft(play: Play) -> Try:
    edit(play, status="draft")
    return Try(play.guest, "negotiation.open", opening(play))


@scene("property.not_listed")
def an_unlisted_home(play: Play) -> Try:
    edit(play, status="unlisted")
    return Try(play.guest, "negotiation.open", opening(play))


@scene("not_allowed")
def ones_own_home(play: Play) -> Try:
    return Try(play.host, "negotiation.open", opening(play))


@scene("negotiation.not_offered")
def a_host_who_does_not_haggle(play: Play) -> Try:
    edit(play, negotiable=False)
    return Try(play.guest, "negotiation.open", opening(play))


@scene("dates.invalid")
def reversed_dates(play: Play) -> Try:
    turned = opening(play, start_date=play.end.isoformat(), end_date=play.start.isoformat())
    return Try(play.guest, "negotiation.open", turned, wrong=("end_date",))


@scene("stay.too_many_guests")
def a_crowd(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, guests=5), wrong=("guests",))


@scene("negotiation.already_open")
def the_same_nights_again(play: Play) -> Try:
    play.open()
    return Try(play.guest, "negotiation.open", opening(play), params=("negotiation",))


@scene("offer.limit_reached")
def a_fourth_opening_in_a_day(play: Play) -> Try:
    for n in range(3):
        Play(home=play.home, guest=play.guest, start=day(10 + n), end=day(11 + n)).open("500")
    return Try(play.guest, "negotiation.open", opening(play), params=("retry_after",))


@scene("offer.not_a_concession")
def a_first_bid_at_the_list_price(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, amount="3000"), params=("above", "below"))


@scene("dates.taken")
def nights_that_are_gone(play: Play) -> Try:
    make_entry(play.home, day(2), day(9))
    return Try(play.guest, "negotiation.open", opening(play))
