"""`make client`: one typed method for each operation in `client/operations/`, from the committed schema.

A query or command is written in GraphQL; what it answers with becomes a TypedDict, so that a name that the
schema does not have is found when the code is checked, and an answer is used as it came. Why not another
generator: docs/adr. Nothing of this is loaded where the client runs.
"""
