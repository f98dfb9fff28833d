"""Orderdock: a self-hosted order service for a CRM."""

__version__ = "0.1.0"
