"""AsyncAPI 3 of the socket, made from the code's own tables: commands, entries, notifications, close and error codes."""

from negotiation.live.asyncapi.document import document

__all__ = ["document"]
