"""What must be so in any database of Orderdock, whatever was written: a sentence, and the SQL that finds a breach."""

from typing import Final

from tests.crash.check import rows

_IDS: Final = {
    "order": "SELECT MAX(id) FROM orders", "customer": "SELECT MAX(id) FROM customer",
    "contact": "SELECT MAX(id) FROM contact", "enquiry": "SELECT MAX(id) FROM enquiry",
    "payment": "SELECT MAX(payment_id) FROM payment_entry", "write": "SELECT MAX(group_id) FROM event",
}  # fmt: skip

LAWS: Final[dict[str, str]] = {
    "an order has a customer": """
        SELECT o.id FROM orders o LEFT JOIN customer c ON c.cm_id = o.cm_id AND c.id = o.customer_id
        WHERE c.id IS NULL""",
    "an order has an enquiry, of the same customer": """
        SELECT o.id FROM orders o LEFT JOIN enquiry e ON e.cm_id = o.cm_id AND e.id = o.enquiry_id
        WHERE e.id IS NULL OR e.customer_id <> o.customer_id""",
    "an enquiry has an order": """
        SELECT e.id FROM enquiry e LEFT JOIN orders o ON o.cm_id = e.cm_id AND o.enquiry_id = e.id
        WHERE o.id IS NULL""",
    "an erp_order_id is one order's": """
        SELECT erp_order_id FROM orders WHERE erp_order_id IS NOT NULL AND deleted_at IS NULL
        GROUP BY cm_id, erp_order_id HAVING COUNT(*) > 1""",
    "a customer has its main contact": """
        SELECT c.id FROM customer c LEFT JOIN contact k ON k.cm_id = c.cm_id AND k.id = c.main_contact_id
        WHERE k.id IS NULL OR k.customer_id <> c.id""",
    "a contact has a customer": """
        SELECT k.id FROM contact k LEFT JOIN customer c ON c.cm_id = k.cm_id AND c.id = k.customer_id
        WHERE c.id IS NULL""",
    "a customer's phone, e-mail and code are its identities": """
        SELECT c.id FROM customer c LEFT JOIN (
            SELECT cm_id, customer_id, COUNT(*) AS n FROM customer_identity GROUP BY cm_id, customer_id
        ) i ON i.cm_id = c.cm_id AND i.customer_id = c.id
        WHERE COALESCE(i.n, 0) <> (CASE WHEN c.phone_key IS NULL THEN 0 ELSE 1 END)
            + (CASE WHEN c.email_key IS NULL THEN 0 ELSE 1 END) + (CASE WHEN c.code IS NULL THEN 0 ELSE 1 END)""",
    "an identity is its customer's": """
        SELECT i.value FROM customer_identity i LEFT JOIN customer c ON c.cm_id = i.cm_id AND c.id = i.customer_id
        WHERE c.id IS NULL
            OR i.value <> CASE i.kind WHEN 'phone' THEN c.phone_key WHEN 'email' THEN c.email_key ELSE c.code END""",
    "a phone is one customer's (in these tests)": """
        SELECT value FROM customer_identity WHERE kind = 'phone' GROUP BY cm_id, value HAVING COUNT(*) > 1""",
    "a line has an order": """
        SELECT l.order_id FROM order_line l LEFT JOIN orders o ON o.cm_id = l.cm_id AND o.id = l.order_id
        WHERE o.id IS NULL""",
    "lines are numbered from 1": """
        SELECT order_id FROM order_line GROUP BY cm_id, order_id
        HAVING MIN(line_no) <> 1 OR MAX(line_no) <> COUNT(*)""",
    "a line's value is rate x quantity - discount": """
        SELECT order_id FROM order_line WHERE value <> rate * quantity / 10000 - discount""",
    "an order's sums are those of its lines": """
        SELECT o.id FROM orders o LEFT JOIN (
            SELECT cm_id, order_id, SUM(quantity) AS quantity, SUM(value) AS value, SUM(discount) AS discount,
                SUM(rate * quantity / 10000) AS gross FROM order_line GROUP BY cm_id, order_id
        ) l ON l.cm_id = o.cm_id AND l.order_id = o.id
        WHERE o.product_quantity <> COALESCE(l.quantity, 0) OR o.product_value <> COALESCE(l.value, 0)
            OR o.discount <> COALESCE(l.discount, 0) OR o.gross_value <> COALESCE(l.gross, 0)""",
    "what is paid is the sum of the ledger": """
        SELECT o.id FROM orders o LEFT JOIN (
            SELECT cm_id, order_id, SUM(amount) AS amount FROM payment_entry GROUP BY cm_id, order_id
        ) p ON p.cm_id = o.cm_id AND p.order_id = o.id WHERE o.total_paid <> COALESCE(p.amount, 0)""",
    "a payment has an order": """
        SELECT p.payment_id FROM payment_entry p LEFT JOIN orders o ON o.cm_id = p.cm_id AND o.id = p.order_id
        WHERE o.id IS NULL""",
    "a payment is one order's, its entries numbered from 1": """
        SELECT payment_id FROM payment_entry GROUP BY cm_id, payment_id
        HAVING COUNT(DISTINCT order_id) > 1 OR MIN(entry_no) <> 1 OR MAX(entry_no) <> COUNT(*)""",
    "a reference is one payment's": """
        SELECT reference FROM payment_entry WHERE reference IS NOT NULL AND entry_no = 1
        GROUP BY cm_id, order_id, reference HAVING COUNT(*) > 1""",
    "events are numbered from 1 without a gap": """
        SELECT cm_id FROM event GROUP BY cm_id HAVING MIN(seq) <> 1 OR MAX(seq) <> COUNT(*)""",
    "time in the log never goes back": """
        SELECT seq FROM (SELECT seq, at, LAG(at) OVER (PARTITION BY cm_id ORDER BY seq) AS before FROM event) log
        WHERE log.at < log.before""",
    "the events of a group stand together": """
        SELECT group_id FROM event GROUP BY cm_id, group_id HAVING MAX(seq) - MIN(seq) + 1 <> COUNT(*)""",
    "an order is created once": """
        SELECT o.id FROM orders o LEFT JOIN (
            SELECT cm_id, order_id, COUNT(*) AS n FROM event WHERE kind = 'order.created' GROUP BY cm_id, order_id
        ) e ON e.cm_id = o.cm_id AND e.order_id = o.id WHERE COALESCE(e.n, 0) <> 1""",
    "a customer is created once": """
        SELECT c.id FROM customer c LEFT JOIN (
            SELECT cm_id, customer_id, COUNT(*) AS n FROM event WHERE kind = 'customer.created'
            GROUP BY cm_id, customer_id
        ) e ON e.cm_id = c.cm_id AND e.customer_id = c.id WHERE COALESCE(e.n, 0) <> 1""",
    "a payment is added once": """
        SELECT p.order_id FROM (
            SELECT cm_id, order_id, COUNT(*) AS n FROM payment_entry WHERE entry_no = 1 GROUP BY cm_id, order_id) p
        LEFT JOIN (SELECT cm_id, order_id, COUNT(*) AS n FROM event WHERE kind = 'payment.added'
            GROUP BY cm_id, order_id) e ON e.cm_id = p.cm_id AND e.order_id = p.order_id
        WHERE p.n <> COALESCE(e.n, 0)""",
    **{
        f"a {name} number that was given is not given again": f"""
            SELECT next_id FROM id_block WHERE name = '{name}' AND next_id <= ({newest})"""
        for name, newest in _IDS.items()
    },
}


def breaches(url: str) -> list[str]:
    """The laws that the database breaks, with what breaks them."""
    found = [f"{law}: broken by {hits[:3]}" for law, text in LAWS.items() if (hits := rows(url, text))]
    if url.startswith("sqlite"):
        said = [row["integrity_check"] for row in rows(url, "PRAGMA integrity_check")]
        said += [str(row) for row in rows(url, "PRAGMA foreign_key_check")]
        found += [f"integrity_check says {text}" for text in said if text != "ok"]
    return found
