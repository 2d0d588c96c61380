"""Bodies that the doors of accounts read, and the objects that they answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Document, Notification, User
from accounts.naming import check_user_name, normal_user_name
from accounts.selectors.notifications import Preferences
from accounts.selectors.users import SignIn, picture_of, profile_of
from accounts.services.log_in import LONGEST_PASSWORD, SignedIn
from core.api.fields import NEEDED
from core.api.serializers import ChoiceWord, TolerantSerializer
from core.clock import stamp
from core.web.drawn_pictures import picture_url

CLEARABLE = ("first_name", "last_name", "phone", "address", "profile_picture")


class MomentField(serializers.DateTimeField):
    """A time in the form of every time on the wire: ISO 8601, UTC."""

    def to_representation(self, value: Any) -> str:
        return stamp(value)


class PasswordField(serializers.CharField):
    """A password as typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=LONGEST_PASSWORD, write_only=True, **kwargs)


def is_user_name(text: str) -> None:
    """A validator: whether the form in which it would be kept is a user name."""
    check_user_name(normal_user_name(text))


class ProfileBody(TolerantSerializer):
    """What a user tells about themselves."""

    phone = serializers.CharField(max_length=32, required=False)
    address = serializers.CharField(max_length=500, required=False)
    profile_picture = serializers.CharField(required=False, help_text="A data-URL; re-encoded, at most 512 px.")


class SignUpBody(TolerantSerializer):
    """A new account."""

    username = serializers.CharField(max_length=150, validators=[is_user_name])
    email = serializers.EmailField(max_length=254)
    password = PasswordField()
    first_name = serializers.CharField(max_length=150, required=False)
    last_name = serializers.CharField(max_length=150, required=False)
    profile = ProfileBody(required=False)


class SecondFactorBody(TolerantSerializer):
    """What an account with a second factor shows as well."""

    code = serializers.CharField(max_length=40, required=False, help_text="Six digits of the app, or a recovery code.")
    passkey = serializers.DictField(required=False, help_text="`PublicKeyCredential.toJSON()` of a sign-in.")


class LogInBody(SecondFactorBody):
    """A user name or an e-mail address, and the password; or a passkey alone."""

    username = serializers.CharField(max_length=254, required=False, help_text="Or the e-mail address.")
    email = serializers.CharField(max_length=254, required=False)
    password = PasswordField(required=False)
    work = serializers.CharField(
        max_length=4000,
        required=False,
        help_text="The answer to `params.challenge` of `rate_limited`, as ALTCHA has it.",
    )

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        if "passkey" in fields and "password" not in fields:
            return fields
        if "password" not in fields:
            raise serializers.ValidationError({"password": NEEDED})
        if not (fields.get("username") or fields.get("email")):
            raise serializers.ValidationError({"username": "Give a user name or an e-mail address."})
        return fields


class ChangeBody(ProfileBody):
    """The fields of an account that change; absent ones stay as they are. `clear` empties fields."""

    first_name = serializers.CharField(max_length=150, required=False)
    last_name = serializers.CharField(max_length=150, required=False)
    email = serializers.EmailField(max_length=254, required=False)
    password = PasswordField(required=False, help_text="Needed for another e-mail address.")
    clear = serializers.ListField(child=ChoiceWord(CLEARABLE), required=False)
    profile = ProfileBody(required=False)

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields | fields.pop("profile", {})


class CloseBody(TolerantSerializer):
    """Proof of who closes the account."""

    password = PasswordField()


class PasswordBody(TolerantSerializer):
    """Another password."""

    old_password = PasswordField()
    new_password = PasswordField()


class ResetBody(TolerantSerializer):
    """Where to send the link."""

    email = serializers.CharField(max_length=254)


class ResetConfirmBody(SecondFactorBody):
    """What stands in the mailed link, and the new password."""

    uid = serializers.CharField(max_length=100)
    token = serializers.CharField(max_length=200)
    new_password = PasswordField()


class TokenBody(TolerantSerializer):
    """What stands in the mailed link."""

    token = serializers.CharField(max_length=1000)


class DocumentBody(TolerantSerializer):
    """A proof of identity. The file is judged by what is in it, whatever its name says."""

    kind = ChoiceWord(Document.Kind.choices)
    file = serializers.FileField(help_text="JPEG, PNG or PDF, at most 5 MB.")


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A proof of identity and how it was judged."""

    uploaded_at = MomentField()
    reviewed_at = MomentField(allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = ["id", "kind", "status", "reason", "content_type", "size", "uploaded_at", "reviewed_at", "url"]

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_url(self, document: Document) -> str | None:
        if document.status == Document.Status.REPLACED or not document.file:
            return None
        return str(self.context["request"].build_absolute_uri(f"/auth/documents/{document.pk}/file/"))


class UserSerializer(serializers.ModelSerializer[User]):
    """An account as its owner sees it."""

    phone = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    profile_picture = serializers.SerializerMethodField()
    unread = serializers.IntegerField(read_only=True)

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "is_host",
            "superhost",
            "verified",
            "phone",
            "address",
            "profile_picture",
            "unread",
        ]

    def get_phone(self, user: User) -> str:
        return profile_of(user).phone

    def get_address(self, user: User) -> str:
        return profile_of(user).address

    @extend_schema_field(serializers.URLField(help_text="A drawn one where there is no other."))
    def get_profile_picture(self, user: User) -> str:
        return picture_url(picture_of(user, profile_of(user)), self.context["request"].build_absolute_uri)


class SignedInSerializer(serializers.Serializer[SignedIn]):
    """A new sign-in: the token that every request carries from now on."""

    token = serializers.CharField(source="key")
    expiry = MomentField(source="token.expiry")
    user = UserSerializer()


class SignInSerializer(serializers.Serializer[SignIn]):
    """One of the account's sign-ins."""

    id = serializers.SerializerMethodField(help_text="Number of a token, or `browser-…` of a browser's cookie.")
    kind = serializers.ChoiceField(["token", "browser"])
    user_agent = serializers.CharField()
    created = MomentField(allow_null=True)
    last_used = MomentField(allow_null=True)
    expiry = MomentField(allow_null=True)
    current = serializers.BooleanField()

    @extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
    def get_id(self, sign_in: SignIn) -> int | str:
        return sign_in.id


class TicketSerializer(serializers.Serializer[Any]):
    """Opens one socket, once."""

    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """Something the account was told."""

    negotiation = serializers.IntegerField(source="negotiation_id", allow_null=True)
    booking = serializers.IntegerField(source="booking_id", allow_null=True)
    property = serializers.IntegerField(source="property_id", allow_null=True)
    at = MomentField()
    read = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "negotiation", "booking", "property", "at", "read"]

    def get_read(self, notification: Notification) -> bool:
        return notification.read_at is not None


class PreferencesSerializer(serializers.Serializer[Preferences]):
    """Which notifications also come by e-mail when no tab is open."""

    mail = serializers.BooleanField()
    push = serializers.BooleanField(help_text="Whether any is pushed.")
    kinds = serializers.DictField(child=serializers.BooleanField(), help_text="Those that come by mail.")
    push_kinds = serializers.DictField(child=serializers.BooleanField())
    site_kinds = serializers.DictField(child=serializers.BooleanField(), help_text="Those that show up on the site.")


class PreferencesBody(TolerantSerializer):
    """The preferences that change; absent ones stay as they are."""

    mail = serializers.BooleanField(required=False)
    push = serializers.BooleanField(required=False)
    kinds = serializers.DictField(child=serializers.BooleanField(), required=False)
    push_kinds = serializers.DictField(child=serializers.BooleanField(), required=False)
    site_kinds = serializers.DictField(child=serializers.BooleanField(), required=False)


class UnreadSerializer(serializers.Serializer[Any]):
    """How many notifications are unread."""

    unread = serializers.IntegerField()
