"""The legacy family's endpoints that write customers and enquiries (contract 2.10, 2.13)."""
