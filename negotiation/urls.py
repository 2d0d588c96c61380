"""REST paths of this app, each written in full from the root."""

from django.urls import URLPattern, URLResolver, path

import core.api.path_converters  # noqa: F401 - registers <id:…>
from negotiation.views import agents, discovery, insight, profiles
from negotiation.views import negotiations as views
from negotiation.views.socket_schema import socket_schema

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/host_profile/<id:user_id>/", profiles.HostProfileView.as_view(), name="host-profile"),
    path(
        "auth/host_profile_details/<id:user_id>/",
        profiles.HostProfileView.as_view(alias_of="/auth/host_profile/{user_id}/"),
        name="host-profile-details",
    ),
    path("auth/agents/", agents.AgentsView.as_view(), name="agents"),
    path("auth/agents/<id:mandate_id>/", agents.AgentView.as_view(), name="agent"),
    path("auth/agents/<id:mandate_id>/log/", agents.AgentLogView.as_view(), name="agent-log"),
    path("auth/guest_profile/<id:user_id>/", profiles.GuestProfileView.as_view(), name="guest-profile"),
    path("api/dashboard/", insight.HostInsightView.as_view(), name="insight"),
    path("api/dashboard/csv/", insight.InsightFileView.as_view(), name="insight-file"),
    path("api/dashboard/property/<id:property_id>/", insight.PropertyInsightView.as_view(), name="property-insight"),
    path(
        "api/dashboard/property/<id:property_id>/csv/", insight.InsightFileView.as_view(), name="property-insight-file"
    ),
    *(
        path(f"api/nego/as_{side}/", views.NegotiationList.as_view(side=side), name=f"nego-list-{side}")
        for side in ("guest", "host")
    ),
    *(
        path(
            f"api/nego/negotiations/as_{side}/",
            views.NegotiationList.as_view(side=side, alias_of=f"/api/nego/as_{side}/"),
            name=f"nego-negotiations-{side}",
        )
        for side in ("guest", "host")
    ),
    path("api/nego/start_negotiation_by_guest/", views.Start.as_view(), name="nego-start"),
    *(
        path(f"api/nego/{view.side}_proposed/<id:negotiation_id>/", view.as_view(), name=f"nego-{view.side}")
        for view in (views.GuestProposes, views.HostProposes)
    ),
    path("api/nego/update_status/<id:negotiation_id>/", views.UpdateStatus.as_view(), name="nego-status"),
    path("api/nego/negotiation_details/<id:negotiation_id>/", views.Details.as_view(), name="nego-details"),
    path("api/nego/<id:negotiation_id>/entries/", views.Entries.as_view(), name="nego-entries"),
    path("api/nego/<id:negotiation_id>/limit/", views.Limit.as_view(), name="nego-limit"),
    path("api/nego/<id:negotiation_id>/messages/", views.Messages.as_view(), name="nego-messages"),
    path("ws/schema/", socket_schema, name="socket-schema"),
    path("mcp/server-card", discovery.server_card, name="server-card"),
    path(".well-known/ai-catalog.json", discovery.ai_catalog, name="ai-catalog"),
    path("llms.txt", discovery.llms, name="llms"),
]
