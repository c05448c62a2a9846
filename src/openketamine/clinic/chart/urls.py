"""Addresses of the chart room: the board, the stream, the patients, one patient."""

from django.urls import path

from openketamine.clinic.chart import views

app_name = "chart"
urlpatterns = [
    path("", views.board, name="board"),
    path("board/live/", views.board_live, name="board-live"),
    path("board/wall/", views.wall, name="wall"),
    path("board/wall/live/", views.wall_live, name="wall-live"),
    path("stream/", views.stream, name="stream"),
    path("patients/", views.patients, name="patients"),
    path("patients/<slug:reference>/", views.patient, name="patient"),
]
