-- What the reads are compared with: the same JSON from the same tables, built in SQL, as the answers of
-- `GET /api/v1/orders/{id}` and of the newer pull print it. get.pgbench and pull.pgbench select from these views,
-- which PostgreSQL puts into the statement. Numbers of named lists and of additional fields are not looked up here.
CREATE SCHEMA bench;

-- An order as both print it: a value that is unset is left out, or 0 where the key is always there.
CREATE VIEW bench.element AS
SELECT o.cm_id, o.id, o.create_date, json_strip_nulls(row_to_json(x))::text AS body
FROM orders o,
    LATERAL (SELECT
        o.id AS "id", o.cm_id AS "cmId", o.customer_id AS "customerId", coalesce(o.enquiry_id, 0) AS "enquiryId",
        o.create_date AS "createDate", coalesce(o.creator_id, 0) AS "creatorId",
        trim_scale(o.product_quantity * 0.0001) AS "productQuantity", trim_scale(o.product_value * 0.0001) AS "productValue",
        trim_scale(o.discount * 0.0001) AS "discount", o.remarks AS "remarks", coalesce(o.status, '') AS "deliveryStatus",
        o.modified_at AS "lastModificationTime", 0 AS "unitId", 0 AS "blockId", 0 AS "zoneId",
        trim_scale(o.gross_value * 0.0001) AS "basePrice", 0 AS "serviceTax", 0 AS "bookingAmount",
        0 AS "retainerFrequency", 0 AS "retainerAmount", 0 AS "subOfficeId", 0 AS "retainerCreditPeriod",
        0 AS "parentOrderId", coalesce(o.assigned_to, 0) AS "assignedToId", false AS "invoiceSent",
        0 AS "commissionAmount", 0 AS "totalSaleableArea", 0 AS "builderInvoiceId",
        coalesce((SELECT e.assigned_to FROM enquiry e WHERE e.cm_id = o.cm_id AND e.id = o.enquiry_id), 0)
            AS "enquiryAssignedTo", coalesce(trim_scale(o.grand_total * 0.0001), 0) AS "sellingPrice",
        0 AS "cess", 0 AS "extraCharges", 0 AS "warrantyInDays", 0 AS "parentCustomerId", false AS "checkedIn",
        false AS "includeInterest", 0 AS "channelId", 0 AS "deliveredOrderId", 0 AS "commissionPaidAmount",
        0 AS "onwardCruiseId", 0 AS "returnCruiseId", coalesce((o.approved_by::json ->> 0)::bigint, 0) AS "approvedByEmployeeId",
        0 AS "vatamount", o.erp_order_id AS "erpOrderId", o.erp_invoice_no AS "erpInvoiceId", o.invoice_no AS "invoiceNo",
        o.invoice_date AS "invoiceDate", o.type AS "orderType", o.sub_status AS "orderSubStatus",
        o.payment_mode AS "paymentMode", o.payment_term AS "paymentTerm", o.transaction AS "transaction",
        o.expected_delivery_date AS "expectedDeliveryDate", o.booking_date AS "bookingDate",
        o.agreement_date AS "agreementDate", o.unit_name AS "unitName",
        o.block_name AS "blockName", o.zone AS "zoneName", o.ticket_id AS "ticketId", o.encrypt_order AS "encryptOrder",
        o.deal_details AS "dealDetails", o.pricing_status AS "pricingStatus",
        o.client_reference_id AS "clientReferenceId", o.approval_designations::json AS "approvalDesignationIds",
        o.attr1 AS "attr1", o.attr2 AS "attr2", o.attr3 AS "attr3", o.attr4 AS "attr4", o.attr5 AS "attr5",
        o.attr6 AS "attr6", o.attr7 AS "attr7", o.attr8 AS "attr8", o.attr9 AS "attr9", o.attr10 AS "attr10",
        o.attr11 AS "attr11", o.attr12 AS "attr12", o.attr13 AS "attr13", o.attr14 AS "attr14", o.attr15 AS "attr15") AS x
WHERE o.deleted_at IS NULL;

-- What the pull shows of it only when it is set, and get always.
CREATE VIEW bench.later AS
SELECT o.cm_id, o.id, json_strip_nulls(row_to_json(x))::text AS body
FROM orders o,
    LATERAL (SELECT trim_scale(o.grand_total * 0.0001) AS "grandTotal",
        trim_scale(nullif(o.total_paid, 0) * 0.0001) AS "totalPaid", o.shipping_address AS "shippingAddress",
        o.additional::json AS "additionalFields", o.associate::json AS "associateFields") AS x;

CREATE VIEW bench.line AS
SELECT l.cm_id, l.order_id, l.line_no, l.additional, row_to_json(x)::text AS body
FROM order_line l,
    LATERAL (SELECT coalesce(l.sku, '') AS "skuId", coalesce(l.name, '') AS "productName",
        coalesce(l.parent_name, '') AS "parentProductName", coalesce(l.type, '') AS "productType",
        coalesce(l.description, '') AS "description", trim_scale(l.rate * 0.0001) AS "rate",
        trim_scale(l.quantity * 0.0001) AS "quantity", trim_scale(l.discount * 0.0001) AS "discount",
        trim_scale(l.value * 0.0001) AS "value") AS x;

-- A payment with its entries; the newest details count.
CREATE VIEW bench.payment AS
SELECT p.cm_id, p.order_id, p.payment_id, json_build_object('paymentId', p.payment_id,
    'amount', trim_scale(sum(p.amount) * 0.0001), 'mode', coalesce((array_agg(p.mode ORDER BY p.entry_no DESC))[1], ''),
    'chequeNumber', coalesce((array_agg(p.cheque_number ORDER BY p.entry_no DESC))[1], ''),
    'chequeDate', coalesce((array_agg(p.cheque_date ORDER BY p.entry_no DESC))[1], 0),
    'bankName', coalesce((array_agg(p.bank ORDER BY p.entry_no DESC))[1], ''),
    'reference', coalesce((array_agg(p.reference ORDER BY p.entry_no DESC))[1], ''),
    'remarks', coalesce((array_agg(p.remarks ORDER BY p.entry_no DESC))[1], ''),
    'paidAt', coalesce((array_agg(p.paid_at ORDER BY p.entry_no DESC))[1], 0),
    'entries', json_agg(json_build_object('entryId', p.entry_no, 'at', p.at, 'amount', trim_scale(p.amount * 0.0001),
        'kind', p.kind) ORDER BY p.entry_no)) AS body
FROM payment_entry p GROUP BY p.cm_id, p.order_id, p.payment_id;

-- What one order shows besides its element.
CREATE VIEW bench.rest AS
SELECT o.cm_id, o.id, row_to_json(x)::text AS body
FROM orders o LEFT JOIN customer c ON c.cm_id = o.cm_id AND c.id = o.customer_id
    LEFT JOIN enquiry e ON e.cm_id = o.cm_id AND e.id = o.enquiry_id
    LEFT JOIN employee a ON a.cm_id = o.cm_id AND a.id = o.assigned_to,
    LATERAL (SELECT 'INR' AS "currency", coalesce(o.contact_name, '') AS "name", coalesce(o.contact_phone, '') AS "phone",
        coalesce(o.contact_email, '') AS "email", coalesce(o.contact_company, '') AS "companyName",
        coalesce(o.contact_address, '') AS "address", coalesce(o.contact_zip, '') AS "zip",
        json_build_object('id', c.id, 'code', coalesce(c.code, ''), 'name', coalesce(c.name, ''),
            'phone', coalesce(c.phone, ''), 'phoneE164', coalesce(c.phone_key, ''),
            'email', coalesce(c.email, '')) AS "customer",
        json_build_object('id', e.id, 'status', coalesce(e.status, ''), 'subStatus', coalesce(e.sub_status, ''),
            'assignedToId', coalesce(e.assigned_to, 0), 'nextFollowUpDate', coalesce(e.next_follow_up, 0),
            'createDate', e.created_at) AS "enquiry",
        CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'code', a.code, 'name', a.name,
            'email', coalesce(a.email, ''), 'reason', coalesce(o.assigned_reason, '')) END AS "assignedTo",
        coalesce((SELECT json_agg((left(l.body, -1) || ',"additionalFields":' || coalesce(l.additional, '{}') || '}')::json
                ORDER BY l.line_no)
            FROM bench.line l WHERE l.cm_id = o.cm_id AND l.order_id = o.id), '[]') AS "lines",
        coalesce((SELECT json_agg(p.body ORDER BY p.payment_id) FROM bench.payment p
            WHERE p.cm_id = o.cm_id AND p.order_id = o.id), '[]') AS "payments",
        coalesce(o.shipping_address, '') AS "shippingAddress",
        coalesce(trim_scale(o.grand_total * 0.0001), 0) AS "grandTotal",
        coalesce(trim_scale(o.total_paid * 0.0001), 0) AS "totalPaid",
        coalesce(o.additional::json, '{}') AS "additionalFields", coalesce(o.associate::json, '{}') AS "associateFields",
        trim_scale((coalesce(o.grand_total, 0) - coalesce(o.total_paid, 0)) * 0.0001) AS "balance",
        o.source_version AS "sourceVersion", o.source_modified_at AS "sourceModifiedAt") AS x;
