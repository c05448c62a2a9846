"""What a browser shows when the server is gone: a page that says so, kept by a service worker that keeps nothing else."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Say that the server cannot be reached, and how much this tablet holds for it; no word of any person."""
    return render(request, "ui/offline.html")


@login_not_required
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: a page that cannot be fetched is answered with the page above."""
    return render(request, "ui/offline_worker.js", content_type="text/javascript")
