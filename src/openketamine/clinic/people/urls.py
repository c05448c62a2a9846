"""Addresses of the people room."""

from django.urls import path

from openketamine.clinic.people import team_views, views

app_name = "people"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/demo/", views.demo_sign_in, name="demo-sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("members/", team_views.members, name="members"),
    path("members/<str:username>/access/", team_views.access, name="access"),
    path("members/<str:username>/password/", team_views.renew, name="renew"),
    path("members/phone/", team_views.phone, name="phone"),
    path("members/raw-messages/", team_views.raw_messages, name="raw-messages"),
    path("switches/", team_views.switches, name="switches"),
    path("password/", team_views.own_password, name="own-password"),
    path("refer/", views.refer, name="refer"),
    path("elsewhere/<slug:reference>/", views.record_elsewhere, name="elsewhere"),
]
