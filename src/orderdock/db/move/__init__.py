"""A whole database at once: back it up, restore it, copy it to the other engine; the same for every table.

No table of a tenant is named here: all of them are taken from the schema, row by row in the order of their keys.
"""
