"""What happens to people, to the structure they work in, and to the roles that they hold in it."""

from accounts.services.importing import PEOPLE_IMPORTER, import_people
from accounts.services.keeping import drop_kept_form, forget_old_kept_forms, keep_form, writer_of
from accounts.services.people import (
    add_user,
    bring_back,
    close_accounts_of_leavers,
    edit_user,
    end_sessions,
    forget_second_factors,
    link_to_provider,
    mark_as_left,
    note_sign_in_change,
    send_invitation,
)
from accounts.services.roles import (
    approve_grant,
    ask_for_role,
    decline_grant,
    end_role,
    grant_role,
)
from accounts.services.signing_in import ask_for_password_link, password_link, send_password_link
from accounts.services.structure import close_unit, open_unit, rename_unit

__all__ = [
    "PEOPLE_IMPORTER",
    "add_user",
    "approve_grant",
    "ask_for_password_link",
    "ask_for_role",
    "bring_back",
    "close_accounts_of_leavers",
    "close_unit",
    "decline_grant",
    "drop_kept_form",
    "edit_user",
    "end_role",
    "end_sessions",
    "forget_old_kept_forms",
    "forget_second_factors",
    "grant_role",
    "import_people",
    "keep_form",
    "link_to_provider",
    "mark_as_left",
    "note_sign_in_change",
    "open_unit",
    "password_link",
    "rename_unit",
    "send_invitation",
    "send_password_link",
    "writer_of",
]
