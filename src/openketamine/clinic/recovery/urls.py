"""Addresses of the recovery room."""

from django.urls import path

from openketamine.clinic.recovery import views

app_name = "recovery"
urlpatterns = [
    path("<slug:reference>/", views.panel, name="panel"),
    path("<slug:reference>/tick/", views.tick, name="tick"),
    path("<slug:reference>/score/", views.score, name="score"),
    path("<slug:reference>/addendum/", views.addendum, name="addendum"),
    path("<slug:reference>/incident/", views.incident, name="incident"),
    path("<slug:reference>/discharge/", views.discharge, name="discharge"),
    path("<slug:reference>/event/<int:number>/left/", views.left, name="left"),
    path("<slug:reference>/sign/", views.sign, name="sign"),
    path("<slug:reference>/record.pdf", views.pdf, name="pdf"),
    path("<slug:reference>/appendix.pdf", views.appendix, name="appendix"),
]
