"""How what people and agencies are known by is written."""

from typing import Annotated

from contracts.base import Form, text

AgencyCode = Annotated[str, text(Form.NUMBER, 3, 35, r"^[0-9A-Z]+(\.[0-9A-Z]+)*\Z")]
Email = Annotated[str, text(Form.CODE, 0, 254, r"^[^@\s]+@[^@\s]+\.[^@\s]+\Z")]
Phone = Annotated[str, text(Form.CODE, 0, 40, r"^[0-9+(). -]{3,}\Z")]
StaffNumber = Annotated[str, text(Form.NUMBER, 0, 40, r"^[0-9A-Z]+([./-][0-9A-Z]+)*\Z")]
USERNAME = r"[a-z0-9][a-z0-9._-]+"
Username = Annotated[str, text(Form.CODE, 3, 64, rf"^{USERNAME}\Z")]
TypedName = Annotated[str, text(Form.CODE, 1, 100)]
"""A name to sign in with as somebody typed it."""
Password = Annotated[str, text(Form.VERBATIM, 12, 200)]
Sent = Annotated[str, text(Form.VERBATIM, 1, 200)]
"""A secret as it is sent, to be compared with what is kept of it."""
Token = Annotated[str, text(Form.VERBATIM, 20, 200)]
ShortName = Annotated[str, text(Form.LINE, 1, 80)]
