from accounts.models.documents import Document, DocumentAccess
from accounts.models.exports import DataExport
from accounts.models.looks import ContactAccess, SignInPlace
from accounts.models.mails import OutgoingMail
from accounts.models.mandates import Mandate
from accounts.models.notifications import Notification, NotificationPreference
from accounts.models.pushes import PushDelivery, PushSubscription
from accounts.models.recoveries import EmailChange, Recovery
from accounts.models.safety import Block, Report
from accounts.models.second_factors import Passkey, PasskeyChallenge, RecoveryCode, TotpDevice
from accounts.models.sessions import AuthToken, Session, WsTicket
from accounts.models.users import User, UserManager, UserProfile, display_name

__all__ = [
    "AuthToken",
    "Block",
    "ContactAccess",
    "DataExport",
    "Document",
    "DocumentAccess",
    "EmailChange",
    "Mandate",
    "Notification",
    "NotificationPreference",
    "OutgoingMail",
    "Passkey",
    "PasskeyChallenge",
    "PushDelivery",
    "PushSubscription",
    "Recovery",
    "RecoveryCode",
    "Report",
    "Session",
    "SignInPlace",
    "TotpDevice",
    "User",
    "UserManager",
    "UserProfile",
    "WsTicket",
    "display_name",
]
