"""django-oauth-toolkit with rotation, reuse detection and a grace period of three seconds.

    server.py FOLDER ACCESS_TOKEN_LIFETIME

Keeps its database in FOLDER, listens on a free port of localhost, and prints that port.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe

import django
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

folder, lifetime = Path(sys.argv[1]), int(sys.argv[2])
client_id = "evergrant-spa"

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
settings.configure(
    ALLOWED_HOSTS=["localhost"],
    CORS_ALLOWED_ORIGIN_REGEXES=[r"http://localhost:\d+"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "db.sqlite3",
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL",
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
            },
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "corsheaders",
        "oauth2_provider",
    ],
    LOGGING_CONFIG=None,
    MIDDLEWARE=["corsheaders.middleware.CorsMiddleware"],
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": lifetime,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 3,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ROTATE_REFRESH_TOKEN": True,
        "SCOPES": {"profile": "Who you are"},
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY=token_urlsafe(),
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.db import transaction
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone
from oauth2_provider.decorators import protected_resource
from oauth2_provider.models import AccessToken, Application, RefreshToken
from oauth2_provider.views import AuthorizationView, RevokeTokenView, TokenView


def first_tokens(request):
    """A first token answer, in place of a sign-in."""
    owner = {
        "user": User.objects.get(),
        "application": Application.objects.get(client_id=client_id),
    }
    access = AccessToken.objects.create(
        **owner,
        token=token_urlsafe(),
        scope="profile",
        expires=timezone.now() + timedelta(seconds=lifetime),
    )
    refresh = RefreshToken.objects.create(
        **owner, token=token_urlsafe(), access_token=access
    )
    return JsonResponse(
        {
            "access_token": access.token,
            "token_type": "Bearer",
            "expires_in": lifetime,
            "scope": access.scope,
            "refresh_token": refresh.token,
        }
    )


def redirects(request):
    """One more page to which the server sends users back."""
    with transaction.atomic():
        application = Application.objects.get(client_id=client_id)
        application.redirect_uris += " " + request.body.decode()
        application.save()
    return JsonResponse({})


def authorize(request):
    """Whoever comes is Ada, and says yes."""
    request.user = User.objects.get()
    return AuthorizationView.as_view()(request)


@protected_resource(scopes=["profile"])
def me(request):
    """The resource, for whoever brings a live access token."""
    return JsonResponse({"sub": request.resource_owner.username})


urlpatterns = [
    path("oauth2/token", TokenView.as_view()),
    path("oauth2/authorize", authorize),
    path("dev/redirects", redirects),
    path("oauth2/revoke", RevokeTokenView.as_view()),
    path("dev/tokens", first_tokens),
    path("api/me", me),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


call_command("migrate", verbosity=0)
Application.objects.create(
    client_id=client_id,
    client_type=Application.CLIENT_PUBLIC,
    authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    redirect_uris="http://localhost/",
    skip_authorization=True,
    user=User.objects.create_user("ada"),
)
server = ThreadedWSGIServer(("localhost", 0), Quiet)
server.daemon_threads = True
server.set_app(get_wsgi_application())
print(server.server_port, flush=True)
server.serve_forever()
