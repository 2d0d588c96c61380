"""Web pages of this app, each path written in full from the root."""

from django.urls import URLPattern, URLResolver, path

import core.api.path_converters  # noqa: F401 - registers <id:…>
from negotiation.pages import agents, asking, guest, host, inbox, insight, room

urlpatterns: list[URLPattern | URLResolver] = [
    path("hosting/figures/", insight.host_insight, name="host_insight"),
    path("hosting/<id:property_id>/figures/", insight.listing_insight, name="listing_insight"),
    path("homes/<id:property_id>/ask/", asking.ask_host, name="ask_host"),
    path("guests/<id:user_id>/", guest.guest, name="guest"),
    path("hosts/<id:user_id>/", host.host, name="host"),
    path("profile/assistants/", agents.agents, name="agents_page"),
    path("profile/assistants/<id:mandate_id>/", agents.agent_log, name="agent_log_page"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/rows/", inbox.inbox_rows, name="inbox_rows"),
    path("inbox/<id:negotiation_id>/", room.room, name="room"),
    path("inbox/<id:negotiation_id>/outcome/", room.room_outcome, name="room_outcome"),
]
