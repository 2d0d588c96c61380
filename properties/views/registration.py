"""`/api/property_registration/`: a property in seven steps."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession
from core import clock
from core.api.json_schema import NOTHING
from core.api.openapi import RestSchema, paged
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import key_of, read_command
from core.api.serializers import TolerantSerializer
from core.database.replica import reads_replica
from core.errors import Code
from properties.selectors.listings import list_own, show_listing
from properties.selectors.steps import get_registration, get_step, show_1
from properties.serializers import steps
from properties.services.steps import save_step, save_step_once, start_registration
from properties.views import answers
from properties.views.actors import actor_of, some_actor


class StepSchema(RestSchema):
    """A step's answer is the step of its number."""

    @property
    def step_view(self) -> StepView:
        view: Any = self.view
        return view

    def get_response_serializers(self) -> Any:
        return {200: answers.STEPS[self.step_view.step]}

    def get_request_serializer(self) -> Any:
        return self.step_view.serializer_class


class StartView(APIView):
    """Step 1 of a new property, a draft. Its sender is a host from then on."""

    @extend_schema(operation_id="property_registration_step1_new", responses={200: NOTHING})
    def get(self, request: Request) -> Response:
        """Answers nothing, since no property is named yet: clients that fill a form from here ask before they have an id."""
        return Response({})

    @extend_schema(request=steps.Step1, responses={201: answers.STARTED})
    def post(self, request: Request) -> Response:
        """Starts a new home, a draft; its account is a host from then on."""
        row = start_registration(actor=actor_of(request), data=steps.Step1.read(request.data), now=clock.now())
        shown = show_1(row, request.build_absolute_uri)
        return Response({"registration_id": row.pk, "property_id": row.pk, "status": row.status, **shown}, status=201)


class StepView(APIView):
    """One step of one property: read it, or replace it whole."""

    schema = StepSchema()

    # The steps that change money or dates.
    takes_key = False
    step = 1
    serializer_class: type[TolerantSerializer] = steps.Step1

    def get(self, request: Request, property_id: int) -> Response:
        """Reads a step as it is saved."""
        return self.answer(request, property_id)

    @refuses(Code.REGISTRATION_INCOMPLETE, Code.DATES_INVALID)
    def put(self, request: Request, property_id: int) -> Response:
        """Replaces a step whole."""
        step, actor, now = self.step, actor_of(request), clock.now()
        if self.takes_key:
            data, key = read_command(request, f"property.step{step}", self.serializer_class.read), key_of(request)
            save_step_once(step=step, property_id=property_id, actor=actor, data=data, key=key, now=now)
        else:
            data = self.serializer_class.read(request.data)
            save_step(step=step, property_id=property_id, actor=actor, data=data, now=now)
        return self.answer(request, property_id)

    def answer(self, request: Request, property_id: int) -> Response:
        """200 with the step as it is saved."""
        actor, absolute = some_actor(request), request.build_absolute_uri
        return Response(get_step(property_id=property_id, step=self.step, actor=actor, absolute=absolute))


class Step2View(StepView):
    step, serializer_class = 2, steps.Step2


class Step3View(StepView):
    step, serializer_class = 3, steps.Step3


class Step4View(StepView):
    takes_key = True
    step, serializer_class = 4, steps.Step4


class Step5View(StepView):
    """The menu; of a listed property everybody may read it."""

    step, serializer_class = 5, steps.Step5

    def get_authenticators(self) -> list[Any]:
        if self.request is not None and self.request.method == "GET":
            return [OptionalTokenOrSession()]
        return super().get_authenticators()

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.request.method == "GET" else super().get_permissions()


class Step6View(StepView):
    step, serializer_class = 6, steps.Step6


class Step7View(StepView):
    """The nights open for stays; the first save lists the property."""

    takes_key = True
    step, serializer_class = 7, steps.Step7


STEP_VIEWS = (StepView, Step2View, Step3View, Step4View, Step5View, Step6View, Step7View)


class RegistrationView(APIView):
    """All steps of one of the host's own properties."""

    @extend_schema(responses={200: answers.REGISTRATION})
    def get(self, request: Request, property_id: int) -> Response:
        """Reads all steps of one of the host's own homes."""
        absolute = request.build_absolute_uri
        return Response(get_registration(property_id=property_id, actor=actor_of(request), absolute=absolute))


class MyListingsView(APIView):
    """The host's own properties, newest first, drafts and unlisted ones too."""

    @extend_schema(**paged(answers.LISTING))
    @reads_replica
    def get(self, request: Request) -> Response:
        """Lists the host's own homes, newest first, drafts and unlisted ones too."""
        actor, absolute = actor_of(request), request.build_absolute_uri
        return list_response(
            request,
            lambda limit, before: list_own(actor=actor, limit=limit, before=before),
            id_of=lambda row: row.pk,
            show=lambda row: show_listing(row, absolute),
        )
