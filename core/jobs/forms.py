"""What a person may type to bring a file in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from core.forms import BaseForm, GovDateField, today


class GiveFileForm(BaseForm):
    """A file, the date for which it was drawn, and whether what it names may be made."""

    file = forms.FileField(
        label="File",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        error_messages={"required": "Choose the file"},
    )
    as_at = GovDateField(latest=today)
    create_units = forms.BooleanField(required=False)

    def __init__(self, *args: Any, date_label: str, units_label: str, units_help: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "file"
        ].help_text = f"An Excel workbook (.xlsx) or CSV, up to {settings.IMPORT_MAX_BYTES // (1024 * 1024)} MB"
        if units_label:
            self.fields["create_units"].label = units_label
            self.fields["create_units"].help_text = units_help
        else:
            del self.fields["create_units"]
        if date_label:
            self.fields["as_at"].label = date_label
            self.fields["as_at"].help_text = "The day on which it was drawn. For example, 27 3 2026"
        else:
            del self.fields["as_at"]

    def clean_file(self) -> UploadedFile:
        """The file, unless it is too large."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(
                f"The file must be {limit} MB or smaller. Save only the sheets that are needed into a new workbook"
            )
        return file


class ConfirmNumberForm(BaseForm):
    """The number that has to be typed before a file is applied."""

    confirm = forms.IntegerField(
        label="Type the number to confirm", widget=forms.TextInput(attrs={"class": "govuk-input--width-5"})
    )

    def __init__(self, *args: Any, wanted: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        self.fields["confirm"].label = f"Type {wanted} to confirm"
        self.fields["confirm"].error_messages["required"] = f"Type {wanted} to confirm, or discard the file"

    def clean_confirm(self) -> int:
        """The number, when it is the one asked for."""
        typed: int = self.cleaned_data["confirm"]
        if typed != self.wanted:
            raise forms.ValidationError(f"You typed {typed}. Type {self.wanted} to confirm, or discard the file")
        return typed
