"""Addresses of the infusion room."""

from django.urls import path

from openketamine.clinic.infusion import chair_views, correcting, gating, levels, recording, training, views, wrong

app_name = "infusion"
urlpatterns = [
    path("open/<slug:reference>/", views.open_session, name="open"),
    path("chair/<int:number>/readiness/", gating.chair_readiness, name="readiness"),
    path("<slug:reference>/", views.chair, name="chair"),
    path("<slug:reference>/change/", chair_views.change, name="change"),
    path("<slug:reference>/wrong/", wrong.place, name="wrong"),
    path("<slug:reference>/wrong/unit/", wrong.unit, name="wrong-unit"),
    path("<slug:reference>/live/", views.live, name="live"),
    path("<slug:reference>/chart/", views.chart, name="chart"),
    path("<slug:reference>/levels/", levels.levels, name="levels"),
    path("<slug:reference>/grid/", views.grid, name="grid"),
    path("<slug:reference>/training/", training.training, name="training"),
    path("<slug:reference>/training/live/", training.live, name="training-live"),
    path("<slug:reference>/training/chart/", training.chart, name="training-chart"),
    path("<slug:reference>/training/grid/", training.grid, name="training-grid"),
    path("<slug:reference>/gate/", gating.gate, name="gate"),
    path("<slug:reference>/before/", gating.before_start, name="before"),
    path("<slug:reference>/wishes/", gating.wishes, name="wishes"),
    path("<slug:reference>/check/", recording.check, name="check"),
    path("<slug:reference>/record/", recording.record, name="record"),
    path("<slug:reference>/observe/", recording.observe, name="observe"),
    path("<slug:reference>/call/<int:number>/", recording.come, name="come"),
    path("<slug:reference>/alarm/<int:number>/", recording.answer, name="answer"),
    path("<slug:reference>/handover/", recording.handover, name="handover"),
    path("<slug:reference>/ready/", gating.ready, name="ready"),
    path("<slug:reference>/event/<int:number>/undo/", correcting.undo, name="undo"),
    path("<slug:reference>/value/<int:number>/undo/", correcting.undo_value, name="undo-value"),
    path("<slug:reference>/event/<int:number>/correct/", correcting.correct, name="correct"),
]
