"""What a person may type on the home floor."""

from django import forms

from core.forms import BaseForm


class SearchForm(BaseForm):
    """One box; what is typed is sent in the body, so that no reference stands in an address or a log."""

    text = forms.CharField(
        label="Search",
        help_text="A case or audit reference, an auditor, a worker or a theme",
        min_length=2,
        max_length=100,
        error_messages={
            "required": "Enter a reference, a name or a theme",
            "min_length": "Enter at least 2 characters",
            "max_length": "Enter no more than 100 characters",
        },
    )
