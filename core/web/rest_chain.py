"""Django's handler with a second, shorter chain of middlewares for what REST clients only read.

Of the chain in settings.MIDDLEWARE most is for pages: sessions, messages, the viewer's zone, the staff's sign-in. A REST read
without a cookie passes through all of it for nothing, which costs as much as its view. Such a request takes the short chain,
whose answers have the same status, headers (in the same order) and body; every other request takes the whole one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Any

from corsheaders.middleware import CorsMiddleware
from csp.constants import HEADER as CSP_HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, ResolverMatch, get_resolver, set_script_prefix
from django.utils import translation
from django.utils.cache import patch_vary_headers
from rest_framework.views import APIView

from core.web.cache_headers import FOR_ONE
from core.web.error_responses import as_refusal
from core.web.pages import POLICY
from core.web.request_log import RequestMiddleware
from core.web.service_routing import PREFIX, answers, is_rest, service_of

StartResponse = Callable[..., Any]
Answering = Callable[[HttpRequest], HttpResponseBase]
guarded: Callable[[Any], Answering] = convert_exception_to_response  # type: ignore[assignment]  # it is not asynchronous here
READS = frozenset({"GET", "HEAD"})
# Paths longer than this (characters) are resolved each time; no path of REST is.
LONGEST_KNOWN = 200
# Attributes of a response that has headers of its own about scripts or frames: what decorators of csp and Django set.
NOT_PLAIN = frozenset(
    f"_csp_{what}{kind}" for what in ("config", "update", "replace", "exempt") for kind in ("", "_ro")
) | {"xframe_options_exempt"}
# Headers as Django keeps them: the name in lower case, and the name as it is sent with its value.
Fields = tuple[tuple[str, tuple[str, str]], ...]
# A path of this site in which nothing is to be escaped or resolved.
PLAIN_PATH = re.compile(r"/\w[\w/-]*(\.\w+)?", re.ASCII)


class Request(WSGIRequest):
    """Django's request, which makes a page full of addresses of pictures at a tenth of the cost."""

    def build_absolute_uri(self, location: str | None = None) -> str:
        if location and PLAIN_PATH.fullmatch(location):
            return self.own_site + location
        return super().build_absolute_uri(location)

    @cached_property
    def own_site(self) -> str:
        """Scheme and host, without a slash at the end."""
        return super().build_absolute_uri("/")[:-1]


class RestAwareHandler(WSGIHandler):
    """Django's WSGI handler, which sends plain reads of REST through the short chain."""

    request_class = Request

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async)
        # Django's stubs know neither of the two.
        handler: Any = self
        whole, inner = handler._middleware_chain, guarded(handler._get_response)
        short = guarded(RequestMiddleware(guarded(RestMiddleware(inner))))
        handler._middleware_chain = lambda request: (short if request.resolver_match else whole)(request)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        match: ResolverMatch = request.resolver_match or super().resolve_request(request)
        return match

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Any:
        request = plain_read(environ)
        return super().__call__(environ, start_response) if request is None else self.read(request, start_response)

    def read(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        """What Django's method does with a request, but for its signals: all that hear them look after the connections, as the
        threads do already, and empty the log of queries."""
        set_script_prefix(request.META["SCRIPT_NAME"])
        response: Any = self.get_response(request)
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.items(), *cookies_of(response)])
        if response.streaming:
            return streamed(response, request.META.get("wsgi.file_wrapper"))
        body: bytes = response.content
        request.close()
        return (body,)


def streamed(response: Any, wrapper: Callable[..., Iterable[bytes]] | None) -> Iterable[bytes]:
    """What the server sends part by part, and closes: a file by the server's own means, where it has some."""
    file = getattr(response, "file_to_stream", None)
    if file is None or wrapper is None:
        chunks: Iterable[bytes] = response
        return chunks
    file.close = response.close
    return wrapper(file, response.block_size)


def cookies_of(response: HttpResponseBase) -> Iterable[tuple[str, str]]:
    """The headers that set the cookies of an answer."""
    return (
        [("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()] if response.cookies else ()
    )


def plain_read(environ: dict[str, Any]) -> Request | None:
    """The request, with its view, where the short chain answers it; None for any other."""
    path = environ["PATH_INFO"]
    if (
        environ["REQUEST_METHOD"] not in READS
        or "HTTP_COOKIE" in environ
        or len(path) > LONGEST_KNOWN
        or not path.isascii()
    ):
        return None
    path = PREFIX.sub("", path, count=1)
    match = rest_view(path)
    if match is None or environ.get("CONTENT_LENGTH", "0") not in ("", "0") or not answers(path):
        return None
    request = Request(environ)
    if not is_as_expected(request):
        return None
    request.path_info, request.resolver_match = path, match
    return request


@lru_cache(maxsize=1024)
def rest_view(path: str) -> ResolverMatch | None:
    """The view of REST at a path; None where a page or nothing is there."""
    if not is_rest(path) or service_of(path) == "any":
        return None
    try:
        match = get_resolver(settings.ROOT_URLCONF).resolve(path)
    except Resolver404:
        return None
    view = getattr(match.func, "cls", None)
    return match if isinstance(view, type) and issubclass(view, APIView) else None


def is_as_expected(request: HttpRequest) -> bool:
    """Whether the request came over https where it must, for one of our hosts; another is refused by the whole chain."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return False
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def fields_of(response: HttpResponse) -> Fields:
    """The headers of a response but for the type of its content, as Django keeps them."""
    return tuple((name.lower(), (name, value)) for name, value in response.items() if name != "Content-Type")


class RestMiddleware:
    """What the whole chain does for such a request and its answer, in the same order, inside out."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response
        self.sessions, self.users = SessionMiddleware(get_response), AuthenticationMiddleware(get_response)
        self.policies, self.security = CSPMiddleware(get_response), SecurityMiddleware(get_response)
        self.origins = CorsMiddleware(get_response)
        self.known: dict[bool, tuple[Fields, Fields]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Both are looked up only where a view asks for them.
        self.sessions.process_request(request)
        self.users.process_request(request)
        translation.activate(translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()
        response: Any = self.get_response(request)
        if self.is_plain(request, response):
            self.say_all(request, response)
            return response
        self.say_what_browsers_may(request, response)
        self.say_how_it_is_kept(request, response)
        response = as_refusal(request, self.security.process_response(request, response))
        self.origins.add_response_headers(request, response)
        return response

    def is_plain(self, request: HttpRequest, response: Any) -> bool:
        """Whether the answer needs the headers that nearly all have, and those alone."""
        return (
            response.status_code < 400
            and not response.streaming
            and NOT_PLAIN.isdisjoint(vars(response))
            and "HTTP_ORIGIN" not in request.META
            and "Vary" not in response.headers
            and not request.session.accessed
            and not settings.DEBUG
            and self.origins.is_enabled(request)
        )

    def say_all(self, request: HttpRequest, response: Any) -> None:
        """Gives a plain answer its headers, which the methods below would give it one by one.

        Django's mapping of headers checks and encodes each of them, and most are the same for all answers.
        """
        fields: dict[str, tuple[str, str]] = response.headers._store
        before, after = self.same_for_all(request.is_secure())
        for key, field in before:
            fields.setdefault(key, field)
        fields.setdefault("content-length", ("Content-Length", str(len(response.content))))
        fields["vary"] = ("Vary", "Accept-Language, origin")
        fields.setdefault("content-language", ("Content-Language", translation.get_language() or ""))
        if "HTTP_AUTHORIZATION" in request.META:
            fields.setdefault("cache-control", ("Cache-Control", FOR_ONE))
        for key, field in after:
            fields.setdefault(key, field)

    def same_for_all(self, is_secure: bool) -> tuple[Fields, Fields]:
        """The headers that are the same for all plain answers: those before and those after the ones that are not."""
        if is_secure not in self.known:
            request, first, last = HttpRequest(), HttpResponse(), HttpResponse()
            request.is_secure = lambda: is_secure  # type: ignore[method-assign]
            self.say_what_browsers_may(request, first)
            self.security.process_response(request, last)
            self.known[is_secure] = fields_of(first), fields_of(last)
        return self.known[is_secure]

    def say_what_browsers_may(self, request: HttpRequest, response: HttpResponseBase) -> None:
        headers = response.headers
        headers.setdefault("Permissions-Policy", POLICY)
        if any(name.startswith("_csp") for name in vars(response)) or settings.DEBUG:
            self.policies.process_response(request, response)
        elif self.policy:
            headers.setdefault(CSP_HEADER, self.policy)
        if not getattr(response, "xframe_options_exempt", False):
            headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)

    def say_how_it_is_kept(self, request: HttpRequest, response: Any) -> None:
        headers = response.headers
        if not response.streaming:
            headers.setdefault("Content-Length", str(len(response.content)))
        if "Vary" in headers:
            patch_vary_headers(response, ("Accept-Language",))
        else:
            headers["Vary"] = "Accept-Language"
        headers.setdefault("Content-Language", translation.get_language())
        if request.session.accessed:
            self.sessions.process_response(request, response)
        if "HTTP_AUTHORIZATION" in request.META:
            headers.setdefault("Cache-Control", FOR_ONE)

    @cached_property
    def policy(self) -> Any:
        """The policy of all answers that have none of their own."""
        return build_policy()
