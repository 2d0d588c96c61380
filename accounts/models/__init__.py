from accounts.models.documents import Document, DocumentAccess
from accounts.models.mails import OutgoingMail
from accounts.models.notifications import Notification, NotificationPreference
from accounts.models.sessions import AuthToken, Session, WsTicket
from accounts.models.users import User, UserManager, UserProfile, display_name

__all__ = [
    "AuthToken",
    "Document",
    "DocumentAccess",
    "Notification",
    "NotificationPreference",
    "OutgoingMail",
    "Session",
    "User",
    "UserManager",
    "UserProfile",
    "WsTicket",
    "display_name",
]
