"""Customers and their identities, contacts and enquiries."""
