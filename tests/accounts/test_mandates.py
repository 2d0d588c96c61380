"""A mandate's key: made once, found by its hash, good until its end, its revocation, or its person's."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core import mail

from accounts.authentication import presented_by
from accounts.models import Mandate, OutgoingMail, User
from accounts.rules.mandates import MAY, MandateTerms, check_lowered, check_may
from accounts.selectors.credentials import list_live_credentials
from accounts.selectors.mandates import AGENT_PREFIX, list_live_mandates, list_mandates
from accounts.services.mailing import send_mails
from accounts.services.mandates import forget_mandates, lower_mandate, revoke_mandate
from accounts.services.presented_credentials import identify_agents, identifying
from accounts.services.sign_ins import end_sign_ins
from core.database import plain, prepared_statements
from core.errors import DomainError
from tests.factories.accounts import NOON, make_mandate, make_token, make_user
from tests.threads import at_once

DAY = timedelta(days=1)


def code_of(call: Callable[[], Any]) -> tuple[str, list[str]]:
    """The refusal's code and the fields that it names."""
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code, list(refused.value.fields)


def arrives(key: str, now: Any = NOON) -> Any:
    asked = identifying([presented_by([(b"authorization", f"Token {key}".encode())], b"")], now)
    return plain.converse(asked).identities[0]


@pytest.mark.django_db
class TestKeys:
    def test_a_key_is_shown_once_and_only_its_hash_is_kept(self) -> None:
        mandate, key = make_mandate(make_user(), now=NOON)
        assert key.startswith(AGENT_PREFIX)
        assert len(key) > 40
        kept = Mandate.objects.filter(pk=mandate.pk).values().get()
        assert key.encode() not in bytes(kept["digest"])
        assert not any(key in str(value) for value in kept.values())

    def test_many_are_found_together_in_one_statement(
        self, django_assert_num_queries: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prepared_statements, "PLANS_LAST_S", 3600.0)
        user = make_user("rahim", first_name="Rahim")
        (one, first), (two, second) = (make_mandate(user, now=NOON, side=side) for side in ("guest", "host"))
        identify_agents([first], NOON)
        token = make_token(user, now=NOON)[1]
        with django_assert_num_queries(1):
            found = identify_agents([second, "agent_nobody", token, first, ""], NOON)
        assert [agent and agent.mandate_id for agent in found] == [two.pk, None, None, one.pk, None]
        agent = found[3]
        assert agent is not None
        assert (agent.user_id, agent.user_name, agent.side, agent.may) == (user.pk, "Rahim", "guest", frozenset(MAY))

    def test_a_use_is_noted_once_a_minute(self) -> None:
        mandate, key = make_mandate(make_user(), now=NOON)
        for seconds, noted in ((0, 0), (30, 0), (61, 61)):
            identify_agents([key], NOON + timedelta(seconds=seconds))
            mandate.refresh_from_db()
            assert mandate.last_used_at == NOON + timedelta(seconds=noted)

    def test_a_socket_by_a_key_is_told_nothing_of_what_its_person_was_told(self) -> None:
        mandate, key = make_mandate(make_user(), now=NOON)
        identity = arrives(key)
        assert (identity.unread, identity.credential) == (0, ("mandate", f"{mandate.pk}:1"))
        assert identity.expires_at == mandate.expires_at


@pytest.mark.django_db
class TestEnds:
    """Each end is one for the next request, for a socket that is open, and for a machine that waits."""

    @pytest.mark.parametrize("how", ["revoked", "expired", "everywhere", "inactive"])
    def test_a_mandate_ends(self, how: str) -> None:
        user, now = make_user(), NOON
        mandate, key = make_mandate(user, now=NOON)
        credential = arrives(key).credential
        if how == "revoked":
            revoke_mandate(mandate_id=mandate.pk, user_id=user.pk, now=now)
            revoke_mandate(mandate_id=mandate.pk, user_id=user.pk, now=now)
        elif how == "expired":
            now = mandate.expires_at
        elif how == "everywhere":
            end_sign_ins(user_id=user.pk)
        else:
            User.objects.filter(pk=user.pk).update(is_active=False)
        assert identify_agents([key], now) == [None]
        assert arrives(key, now) is None
        assert list_live_mandates([mandate.pk], now) == {}
        assert list_live_credentials([credential], now) == {}

    def test_lowering_ends_what_was_signed_in_before_and_renaming_does_not(self) -> None:
        user = make_user()
        mandate, key = make_mandate(user, now=NOON, max_total=Decimal(9000))
        before = arrives(key).credential
        change = {"mandate_id": mandate.pk, "user_id": user.pk, "now": NOON}
        lower_mandate(changes={"name": "Other"}, **change)
        assert before in list_live_credentials([before], NOON)
        lower_mandate(changes={"max_total": Decimal(8000)}, **change)
        assert before not in list_live_credentials([before], NOON)
        assert arrives(key).agent.max_total == 8000

    def test_somebody_elses_is_not_there(self) -> None:
        mandate, _ = make_mandate(make_user(), now=NOON)
        other = {"mandate_id": mandate.pk, "user_id": make_user().pk, "now": NOON}
        assert code_of(lambda: revoke_mandate(**other))[0] == "not_found"
        assert code_of(lambda: lower_mandate(changes={}, **other))[0] == "not_found"

    def test_an_ended_one_is_kept_a_year(self) -> None:
        user = make_user()
        for lives in (1, 90):
            make_mandate(user, now=NOON, expires_at=NOON + lives * DAY)
        assert forget_mandates(NOON + 366 * DAY) == 1
        assert [mandate.expires_at for mandate in list_mandates(user.pk, NOON, ended=True)] == [NOON + 90 * DAY]


@pytest.mark.django_db
class TestMails:
    """Each key that is made, and each that staff end, is told to its person's own address."""

    def test_a_key_that_was_made_is_told_and_no_word_of_its_maker_is_in_it(self) -> None:
        mandate, key = make_mandate(make_user("rahim", language="en"), now=NOON, name="Evil words")
        send_mails(NOON)
        (letter,) = mail.outbox
        page = str(letter.alternatives[0][0])  # type: ignore[attr-defined]
        assert (letter.to, letter.subject) == (["rahim@example.com"], "A key for an assistant was made")
        for text in (str(letter.body), page):
            assert f"{settings.PUBLIC_URL}/profile/assistants/{mandate.pk}/" in text
            assert f"{settings.PUBLIC_URL}/password/forgotten/" in text
            assert not [word for word in ("Evil", key) if word in text]

    def test_it_speaks_its_readers_language(self) -> None:
        make_mandate(make_user("rahim", language="bn"), now=NOON)
        send_mails(NOON)
        assert mail.outbox[0].subject == "সহকারীর জন্য একটি চাবি তৈরি হয়েছে"
        assert "আপনার নামে দরদাম" in str(mail.outbox[0].body)
        assert "Hello" not in str(mail.outbox[0].body)

    def test_one_that_was_refused_is_not_told(self) -> None:
        user = make_user()
        for _ in range(10):
            make_mandate(user, now=NOON)
        OutgoingMail.objects.all().delete()
        assert code_of(lambda: make_mandate(user, now=NOON))[0] == "mandate.exceeded"
        assert not OutgoingMail.objects.exists()

    @pytest.mark.parametrize(("by_staff", "told"), [(True, ["agent_key_ended"]), (False, [])])
    def test_one_that_staff_end_is_told_once(self, by_staff: bool, told: list[str]) -> None:
        user = make_user()
        mandate, _key = make_mandate(user, now=NOON)
        OutgoingMail.objects.all().delete()
        for _ in range(2):
            revoke_mandate(mandate_id=mandate.pk, user_id=user.pk, now=NOON, by_staff=by_staff)
        assert list(OutgoingMail.objects.values_list("kind", flat=True)) == told


@pytest.mark.django_db
class TestLimits:
    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"expires_at": NOON}, "expires_at"),
            ({"expires_at": NOON + timedelta(days=90, seconds=1)}, "expires_at"),
            ({"side": "host", "max_total": Decimal(1)}, "max_total"),
            ({"side": "guest", "min_percent": Decimal(80)}, "min_percent"),
            ({"check_in_from": date(2026, 12, 2), "check_out_by": date(2026, 12, 2)}, "check_out_by"),
        ],
    )
    def test_a_limit_that_means_nothing_is_named(self, values: dict[str, Any], field: str) -> None:
        assert code_of(lambda: make_mandate(make_user(), now=NOON, **values)) == ("invalid", [field])

    def test_ten_live_at_the_most(self) -> None:
        user = make_user()
        made = [make_mandate(user, now=NOON)[0] for _ in range(10)]
        assert code_of(lambda: make_mandate(user, now=NOON))[0] == "mandate.exceeded"
        revoke_mandate(mandate_id=made[3].pk, user_id=user.pk, now=NOON)
        make_mandate(user, now=NOON)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_never_both_the_tenth() -> None:
    user = make_user()
    for _ in range(9):
        make_mandate(user)

    def try_it() -> bool:
        try:
            make_mandate(user)
        except DomainError:
            return False
        return True

    assert sorted(at_once(try_it, try_it)) == [False, True]


TERMS = MandateTerms(
    mandate_id=1, version=1, user_id=1, side="guest", may=frozenset(["read", "offer"]), currency="BDT",
    expires_at=NOON + DAY, max_total=Decimal(9000), property_ids=frozenset([1, 2]), max_open=3,
    check_in_from=date(2026, 12, 1), check_out_by=date(2026, 12, 9),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "lower", "higher"),
    [
        ("may", ["read"], ["read", "accept"]),
        ("expires_at", NOON, NOON + 2 * DAY),
        ("max_total", Decimal(9000), Decimal("9000.01")),
        ("max_total", Decimal(1), None),
        ("property_ids", [2], [2, 3]),
        ("property_ids", [], None),
        ("max_open", 2, 4),
        ("check_in_from", date(2026, 12, 2), date(2026, 11, 30)),
        ("check_out_by", date(2026, 12, 8), date(2026, 12, 10)),
    ],
)
def test_a_limit_can_only_be_lowered(name: str, lower: Any, higher: Any) -> None:
    check_lowered(TERMS, {name: lower})
    assert code_of(lambda: check_lowered(TERMS, {name: higher})) == ("invalid", [name])


def test_a_limit_that_is_none_may_become_any() -> None:
    check_lowered(TERMS, {"min_percent": Decimal(90), "name": "Other"})


def test_what_is_missing_is_named() -> None:
    check_may({"read", "offer"}, ["read"])
    with pytest.raises(DomainError) as refused:
        check_may({"read", "offer"}, ["read", "seal", "accept"])
    assert (refused.value.code, refused.value.params) == ("not_allowed", {"may": ["seal", "accept"]})


def test_live_until_its_end() -> None:
    assert TERMS.is_live(NOON)
    assert not TERMS.is_live(NOON + DAY)
