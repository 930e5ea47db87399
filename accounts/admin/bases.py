"""Django's classes as a type checker wants them: with a model, which they do not take when they run."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core import paginator

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[Any]
    Paginator = paginator.Paginator[Any]
else:
    ModelAdmin, ModelForm, Paginator = admin.ModelAdmin, forms.ModelForm, paginator.Paginator
