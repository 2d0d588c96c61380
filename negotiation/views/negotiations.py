"""`/api/nego/`: the same moves as the socket's, through the same engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import agent_of
from accounts.rules.mandates import READ
from core import clock
from core.api.fields import IdField, TextField, WholeField
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import body_of, key_of
from core.api.serializers import PlainSerializer
from core.database.replica import reads_replica
from core.errors import DomainError, invalid
from core.said import said
from negotiation.declarations import MAX_REASON
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import keyed, read_move, unreadable
from negotiation.events import STATUSES
from negotiation.live.batcher import submit_here
from negotiation.moves import Accept, Decline, MakeOffer, Move, Withdraw
from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.entries import PAGE, list_entries
from negotiation.selectors.snapshots import list_negotiations
from negotiation.services.access import access_negotiation
from negotiation.views import openapi
from negotiation.views.field_names import LIMIT_NAMES, OPEN_NAMES, named_back, offer_names, row, to_command
from negotiation.views.status_labels import Verb, is_known, verb_of

SAY = said("Say accepted, declined or withdrawn.")
VERBS: dict[Verb, type[Accept | Decline | Withdraw]] = {"accept": Accept, "decline": Decline, "withdraw": Withdraw}


class NegotiationView(APIView):
    """What the views here share: one move, answered by the negotiation as it then is."""

    takes_key = True
    # Machines may come in; the engine judges what their mandate allows.
    agents_need: ClassVar[dict[str, str]] = {"POST": "", "PUT": "", "DELETE": ""}

    def move(self, request: Request, kind: str, fields: Mapping[str, Any], names: Mapping[str, str]) -> Outcome:
        """Runs a move; a refusal bears the body's own field names."""
        move = read_move(kind, fields, actor_id=user_id(request), key=key_of(request), mandate_id=mandate_id(request))
        return self.run(move, names)

    def run(self, move: Move, names: Mapping[str, str] | None = None) -> Outcome:
        """Runs a move that was read. Raises its refusal."""
        outcome = submit_here(move)
        if outcome.error is not None:
            raise named_back(outcome.error, names or {})
        return outcome

    def answer(self, request: Request, negotiation_id: int) -> Response:
        """200 with the negotiation."""
        record, side = access(request, negotiation_id)
        return Response(row(record, side=side, absolute=request.build_absolute_uri))


class NegotiationList(APIView):
    """A side's negotiations, newest first; `?status=` by the status word."""

    side: Side = "guest"
    alias_of = ""
    agents_need: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**openapi.LIST)
    @reads_replica
    def get(self, request: Request) -> Response:
        """Lists a side's negotiations, newest first."""
        status, agent = _status(request), agent_of(request)
        if agent is not None and agent.side != self.side:
            return Response([])
        return list_response(
            request,
            lambda limit, before: list_negotiations(
                user_id=user_id(request), side=self.side, now=clock.now(), limit=limit, before=before, status=status
            ),
            id_of=lambda record: record.id,
            show=lambda record: row(record, side=self.side, absolute=request.build_absolute_uri),
        )


class Start(NegotiationView):
    """POST: `negotiation.open`."""

    @extend_schema(**openapi.START)
    @refuses(*openapi.OPENING)
    def post(self, request: Request) -> Response:
        """Opens a negotiation with a first bid, or asks a question."""
        fields = to_command(body_of(request), OPEN_NAMES)
        return self.answer(request, self.move(request, "negotiation.open", fields, OPEN_NAMES).negotiation_id)


class Propose(NegotiationView):
    """PUT: `offer.make`, by the side whose address it is."""

    side: Side = "guest"

    @refuses(*openapi.OFFERING)
    def put(self, request: Request, negotiation_id: int) -> Response:
        """Makes an offer: a concession, on one's own turn."""
        names = offer_names(f"{self.side}_price")
        fields = to_command(body_of(request), names) | {"negotiation": negotiation_id}
        move = read_move(
            "offer.make", fields, actor_id=user_id(request), key=key_of(request), mandate_id=mandate_id(request)
        )
        self.run(replace(move, side=self.side) if isinstance(move, MakeOffer) else move, names)
        return self.answer(request, negotiation_id)


@extend_schema(methods=["PUT"], **openapi.PROPOSE["guest"])
class GuestProposes(Propose):
    """The guest's bid."""

    side = "guest"


@extend_schema(methods=["PUT"], **openapi.PROPOSE["host"])
class HostProposes(Propose):
    """The host's ask."""

    side = "host"


class UpdateStatus(NegotiationView):
    """PUT: accept, decline or withdraw, by the status word or the frontend's label."""

    @extend_schema(**openapi.UPDATE_STATUS)
    @refuses(*openapi.ANSWERING)
    def put(self, request: Request, negotiation_id: int) -> Response:
        """Accepts, declines or withdraws the standing offer."""
        body, actor_id, key = body_of(request), user_id(request), key_of(request)
        try:
            answered = AnswerFields.read(body)
            _, side = access(request, negotiation_id)
            answering = _answering(answered, side, actor_id, negotiation_id)
            move: Move = keyed(replace(answering, mandate_id=mandate_id(request)), key)
        except DomainError as error:
            content = {**body, "negotiation": negotiation_id}
            move = unreadable(
                "update_status", content, actor_id=actor_id, key=key, error=error, mandate_id=mandate_id(request)
            )
        self.run(move)
        return self.answer(request, negotiation_id)


class Limit(NegotiationView):
    """POST: `limit.seal`; DELETE: `limit.unseal`. Both answer the negotiation, with its booking where limits met."""

    @extend_schema(**openapi.SEAL)
    @refuses(*openapi.SEALING)
    def post(self, request: Request, negotiation_id: int) -> Response:
        """Seals a limit that only its owner sees; where both meet, the stay is agreed half-way."""
        fields = to_command(body_of(request), LIMIT_NAMES) | {"negotiation": negotiation_id}
        self.move(request, "limit.seal", fields, LIMIT_NAMES)
        return self.answer(request, negotiation_id)

    @extend_schema(**openapi.UNSEAL)
    @refuses(*openapi.UNSEALING)
    def delete(self, request: Request, negotiation_id: int) -> Response:
        """Takes the own limit back."""
        self.move(request, "limit.unseal", {"negotiation": negotiation_id}, {})
        return self.answer(request, negotiation_id)


class Details(APIView):
    """GET: the negotiation and its whole log."""

    agents_need: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**openapi.DETAILS)
    def get(self, request: Request, negotiation_id: int) -> Response:
        """Reads a negotiation and its whole log."""
        record, side = access(request, negotiation_id)
        entries, _ = list_entries(negotiation_id, limit=record.last_seq)
        return Response(
            {"negotiation": row(record, side=side, absolute=request.build_absolute_uri), "entries": entries}
        )


class EntriesQuery(PlainSerializer):
    """`?after_seq=` and `?limit=`."""

    after_seq = WholeField(required=False)
    limit = WholeField(least=1, most=PAGE, required=False)


class Entries(APIView):
    """GET: as the reply of `negotiation.join`."""

    agents_need: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**openapi.ENTRIES)
    def get(self, request: Request, negotiation_id: int) -> Response:
        """Reads the log after an entry."""
        asked = EntriesQuery.read(request.query_params)
        after_seq, limit = asked.get("after_seq", 0), asked.get("limit", PAGE)
        record, side = access(request, negotiation_id)
        entries, more = list_entries(negotiation_id, after_seq=after_seq, limit=limit)
        body = {
            "negotiation": row(record, side=side, absolute=request.build_absolute_uri),
            "entries": entries,
            "more": more,
        }
        return Response(body)


class Messages(NegotiationView):
    """POST: `message.send`."""

    @extend_schema(**openapi.MESSAGES)
    @refuses(*openapi.TALKING)
    def post(self, request: Request, negotiation_id: int) -> Response:
        """Says something in a negotiation."""
        fields = {"negotiation": negotiation_id, "text": body_of(request).get("text")}
        return Response({"seq": self.move(request, "message.send", fields, {}).seq}, status=201)


def user_id(request: Request) -> int:
    """The signed-in user; views refuse requests without one."""
    return request.user.pk or 0


def mandate_id(request: Request) -> int | None:
    """The mandate of the machine that asks; None where people ask themselves."""
    agent = agent_of(request)
    return None if agent is None else agent.mandate_id


def access(request: Request, negotiation_id: int) -> tuple[NegotiationRecord, Side]:
    """The negotiation and the asker's side in it; a machine knows those of its mandate's side. Raises not_found."""
    agent = agent_of(request)
    only = None if agent is None else agent.side
    return access_negotiation(negotiation_id, user_id=user_id(request), now=clock.now(), only=only)


def _status(request: Request) -> str | None:
    status = request.query_params.get("status") or None
    if status is not None and status not in STATUSES:
        raise invalid(status=said("Choose one of: %(choices)s.", choices=", ".join(STATUSES)))
    return status


class StatusWordField(TextField):
    """A status word, or the frontend's label."""

    def to_internal_value(self, data: Any) -> str:
        word = super().to_internal_value(data)
        if not is_known(word):
            self.refuse(SAY)
        return word


class AnswerFields(PlainSerializer):
    """A body of `update_status/`; without `offer` the standing one is meant."""

    negotiation_status = StatusWordField(most=50)
    offer = IdField(required=False)
    reason = TextField(most=MAX_REASON, required=False)


def _answering(
    answered: Mapping[str, Any], side: Side, actor_id: int, negotiation_id: int
) -> Accept | Decline | Withdraw:
    """The move that a word means when `side` says it. Raises `invalid` where it is the other side's word."""
    wanted = verb_of(answered["negotiation_status"], side)
    if wanted is None:
        raise invalid(negotiation_status=SAY)
    verb, lenient = wanted
    extras: dict[str, dict[str, Any]] = {"accept": {"lenient": lenient}, "decline": {"reason": answered.get("reason")}}
    return VERBS[verb](
        actor_id=actor_id, negotiation_id=negotiation_id, offer_id=answered.get("offer"), **extras.get(verb, {})
    )
