"""The legacy family's endpoints for customers and enquiries (contract 2.10 - 2.13)."""
