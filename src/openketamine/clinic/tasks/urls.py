"""Addresses of the tasks room."""

from django.urls import path

from openketamine.clinic.tasks import views

app_name = "tasks"
urlpatterns = [path("<int:number>/done/", views.finish, name="finish")]
