"""Describes the socket as AsyncAPI 3, from the code's own tables: commands, entries, notifications, close and error codes."""

from negotiation.live.asyncapi.document import document

__all__ = ["document"]
