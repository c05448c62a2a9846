"""Who may do what, checked on the server for every function."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from openketamine.clinic.people.models import Role, Staff

CLINICAL = frozenset({Role.PRESCRIBER, Role.NURSE})
PRESCRIBERS = frozenset({Role.PRESCRIBER})
OWNERS = frozenset({Role.OWNER})
INCIDENTS = frozenset({Role.PRESCRIBER, Role.OWNER})
READERS = frozenset({Role.PRESCRIBER, Role.NURSE, Role.PHARMACIST, Role.OWNER, Role.FRONT_DESK})
DRUG = frozenset({Role.PRESCRIBER, Role.NURSE, Role.PHARMACIST})


def staff(request: HttpRequest) -> Staff:
    """Return who is signed in; raises PermissionDenied for anybody else."""
    if isinstance(request.user, Staff):
        return request.user
    raise PermissionDenied


def needs(
    roles: frozenset[Role], *, writing: frozenset[Role] | None = None
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let only these roles through, and to write only those of `writing` if it is given; raises PermissionDenied for the others."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            reads = request.method in {"GET", "HEAD"}
            if staff(request).role not in (roles if reads or writing is None else writing):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
