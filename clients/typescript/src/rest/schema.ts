// Generated from docs/openapi.json: npm run generate.

export interface paths {
    "/api_keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List api keys
         * @description Permission: api_key:read.
         */
        get: operations["list_api_keys"];
        put?: never;
        /**
         * Create api key
         * @description Makes an API key with some of your own permissions, good from anywhere or from those networks alone. The secret is in this answer and nowhere else.
         *     Event: api_key.created.
         */
        post: operations["create_api_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api_keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an api key
         * @description Permission: api_key:read.
         */
        get: operations["get_api_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update an api key
         * @description Permission: api_key:update.
         */
        patch: operations["update_api_key"];
        trace?: never;
    };
    "/api_keys/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke api key
         * @description Ends a key from its next use on. Event: api_key.revoked. Permission: api_key:revoke.
         */
        post: operations["revoke_api_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api_keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate api key
         * @description Makes a key like this one, with a new secret, which is in this answer and nowhere else. The former is good for graceHours more (0 to 168, default 24), or no more at once. The new one
         *     ends at expiresAt, or else when the former would have. Events: api_key.created, api_key.updated or api_key.revoked. Errors: ZF003 when the key holds what you do not, ZF004, ZF005, ZF010.
         */
        post: operations["rotate_api_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit_trail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List audit trail */
        get: operations["list_audit_trail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit_trail/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an audit entry */
        get: operations["get_audit_entry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deliveries
         * @description Permission: delivery:read.
         */
        get: operations["list_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a delivery
         * @description Permission: delivery:read.
         */
        get: operations["get_delivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deliveries/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List attempts of a delivery
         * @description Permission: delivery_attempt:read.
         */
        get: operations["list_attempts_of_delivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deliveries/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resend delivery
         * @description Sends a delivery again now, under the same webhook-id: one that succeeded or failed, or one that waits for its next attempt.
         *     Permission: delivery:resend.
         */
        post: operations["resend_delivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/delivery_attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List delivery attempts
         * @description Permission: delivery_attempt:read.
         */
        get: operations["list_delivery_attempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/delivery_attempts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a delivery attempt
         * @description Permission: delivery_attempt:read.
         */
        get: operations["get_delivery_attempt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/event_types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List event types */
        get: operations["list_event_types"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/event_types/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an event type */
        get: operations["get_event_type"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List events
         * @description The change feed: every event of the tenant, in an order to which nothing is ever added before a cursor. Without a cursor it begins with the first
         *     that the plan keeps in sight. Keep next_cursor, and ask again with it: it is given with the last page too. Permission: event:read.
         */
        get: operations["list_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an event
         * @description Permission: event:read.
         */
        get: operations["get_event"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deliveries of a event
         * @description Permission: delivery:read.
         */
        get: operations["list_deliveries_of_event"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/group_roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List group roles
         * @description Permission: group_role:read.
         */
        get: operations["list_group_roles"];
        put?: never;
        /**
         * Create a group role
         * @description Permission: group_role:create.
         */
        post: operations["create_group_role"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/group_roles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a group role
         * @description Permission: group_role:read.
         */
        get: operations["get_group_role"];
        put?: never;
        post?: never;
        /**
         * Delete group role
         * @description Ends what a group gives: its members have the role from before, unless another group gives one. Event: group_role.deleted. Permission: group_role:delete.
         */
        delete: operations["delete_group_role"];
        options?: never;
        head?: never;
        /**
         * Update a group role
         * @description Permission: group_role:update.
         */
        patch: operations["update_group_role"];
        trace?: never;
    };
    "/impersonations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List impersonations
         * @description Permission: impersonation:read.
         */
        get: operations["list_impersonations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/impersonations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an impersonation
         * @description Permission: impersonation:read.
         */
        get: operations["get_impersonation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invitations
         * @description Permission: invitation:read.
         */
        get: operations["list_invitations"];
        put?: never;
        /**
         * Create an invitation
         * @description Permission: invitation:create.
         */
        post: operations["create_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an invitation
         * @description Permission: invitation:read.
         */
        get: operations["get_invitation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resend invitation
         * @description Sends a pending invitation again, and lets it be accepted for seven days more. Event: invitation.resent. Errors: ZF004, ZF005, ZF010 within a minute.
         */
        post: operations["resend_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke invitation
         * @description Takes an invitation back and frees its seat. Event: invitation.revoked. Permission: invitation:revoke.
         */
        post: operations["revoke_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invoice_lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invoice lines
         * @description Permission: invoice_line:read.
         */
        get: operations["list_invoice_lines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invoice_lines/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an invoice line
         * @description Permission: invoice_line:read.
         */
        get: operations["get_invoice_line"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invoices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invoices
         * @description Permission: invoice:read.
         */
        get: operations["list_invoices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invoices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an invoice
         * @description Permission: invoice:read.
         */
        get: operations["get_invoice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invoices/{id}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List lines of a invoice
         * @description Permission: invoice_line:read.
         */
        get: operations["list_lines_of_invoice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List members
         * @description Permission: membership:read.
         */
        get: operations["list_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a member
         * @description Permission: membership:read.
         */
        get: operations["get_member"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update a member
         * @description Permission: membership:update.
         */
        patch: operations["update_member"];
        trace?: never;
    };
    "/members/{id}/impersonations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List impersonations of a member
         * @description Permission: impersonation:read.
         */
        get: operations["list_impersonations_of_member"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/{id}/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invitations of a member
         * @description Permission: invitation:read.
         */
        get: operations["list_invitations_of_member"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/{id}/reactivate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reactivate membership
         * @description Lets a suspended member in again. Event: user.reactivated. Permission: membership:reactivate.
         */
        post: operations["reactivate_membership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/{id}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove membership
         * @description Ends a membership for good; the person can be invited again. Event: user.removed. Permission: membership:remove.
         */
        post: operations["remove_membership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suspend membership
         * @description Locks a member out from their next request on. Event: user.suspended. Permission: membership:suspend.
         */
        post: operations["suspend_membership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List plans */
        get: operations["list_plans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plans/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a plan */
        get: operations["get_plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List projects
         * @description Permission: project:read.
         */
        get: operations["list_projects"];
        put?: never;
        /**
         * Create a project
         * @description Permission: project:create.
         */
        post: operations["create_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a project
         * @description Permission: project:read.
         */
        get: operations["get_project"];
        put?: never;
        post?: never;
        /**
         * Delete project
         * @description Removes a project from view for good. Event: project.deleted. Permission: project:delete.
         */
        delete: operations["delete_project"];
        options?: never;
        head?: never;
        /**
         * Update a project
         * @description Permission: project:update.
         */
        patch: operations["update_project"];
        trace?: never;
    };
    "/projects/{id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Archive project
         * @description Puts a project away; it can be restored. Event: project.archived. Permission: project:archive.
         */
        post: operations["archive_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore project
         * @description Takes an archived project up again. Event: project.restored. Permission: project:restore.
         */
        post: operations["restore_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List reports
         * @description Permission: report:read.
         */
        get: operations["list_reports"];
        put?: never;
        /**
         * Create a report
         * @description Permission: report:create.
         */
        post: operations["create_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a report
         * @description Permission: report:read.
         */
        get: operations["get_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a report
         * @description The content of an exported report, as newline-delimited JSON or CSV (RFC 4180). Event: report.downloaded. Permission: report:read.
         */
        get: operations["download_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List roles
         * @description Permission: role:read.
         */
        get: operations["list_roles"];
        put?: never;
        /**
         * Create a role
         * @description Permission: role:create.
         */
        post: operations["create_role"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/roles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a role
         * @description Permission: role:read.
         */
        get: operations["get_role"];
        put?: never;
        post?: never;
        /**
         * Delete role
         * @description Ends a role that nobody has, and nothing gives. Event: role.deleted. Permission: role:delete.
         */
        delete: operations["delete_role"];
        options?: never;
        head?: never;
        /**
         * Update a role
         * @description Permission: role:update.
         */
        patch: operations["update_role"];
        trace?: never;
    };
    "/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List subscriptions
         * @description Permission: subscription:read.
         */
        get: operations["list_subscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a subscription
         * @description Permission: subscription:read.
         */
        get: operations["get_subscription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel subscription
         * @description Ends the subscription now; the free plan holds from then on. Event: subscription.canceled. Permission: subscription:cancel.
         */
        post: operations["cancel_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/{id}/downgrade": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Downgrade subscription
         * @description Takes the subscription to a lower plan: at once in a trial, else with the next period. Refused while more is in use than the plan allows.
         *     Event: subscription.downgraded, when the plan changes. Permission: subscription:downgrade.
         */
        post: operations["downgrade_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/{id}/invoices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invoices of a subscription
         * @description Permission: invoice:read.
         */
        get: operations["list_invoices_of_subscription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause subscription
         * @description Sets the subscription aside: until it is resumed nothing is charged, and the free plan holds. Event: subscription.paused. Permission: subscription:pause.
         */
        post: operations["pause_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume subscription
         * @description Resumes a paused subscription; where the paid period has ended, a new one begins and is invoiced. Event: subscription.resumed. Permission: subscription:resume.
         */
        post: operations["resume_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/{id}/upgrade": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upgrade subscription
         * @description Takes the subscription to a higher plan at once; the difference of the remaining period is invoiced.
         *     Event: subscription.upgraded. Permission: subscription:upgrade.
         */
        post: operations["upgrade_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tenants
         * @description Permission: tenant:read.
         */
        get: operations["list_tenants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a tenant
         * @description Permission: tenant:read.
         */
        get: operations["get_tenant"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update a tenant
         * @description Permission: tenant:update.
         */
        patch: operations["update_tenant"];
        trace?: never;
    };
    "/tenants/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close tenant
         * @description Begins the end of the tenant: everybody is locked out, and after 30 days it is closed. Event: tenant.closing. Permission: tenant:close.
         */
        post: operations["close_tenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List usage */
        get: operations["list_usage"];
        put?: never;
        /**
         * Use feature
         * @description Meters the use of a feature today. Event: feature.used. Permission: feature_usage:record.
         */
        post: operations["use_feature"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook endpoints
         * @description Permission: webhook_endpoint:read.
         */
        get: operations["list_webhook_endpoints"];
        put?: never;
        /**
         * Create webhook endpoint
         * @description Makes a webhook endpoint that is told of the given event types (exact, invoice.*, or *). The secret is in this answer and nowhere else.
         *     Event: webhook_endpoint.created. Permission: webhook_endpoint:create.
         */
        post: operations["create_webhook_endpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook endpoint
         * @description Permission: webhook_endpoint:read.
         */
        get: operations["get_webhook_endpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update a webhook endpoint
         * @description Permission: webhook_endpoint:update.
         */
        patch: operations["update_webhook_endpoint"];
        trace?: never;
    };
    "/webhook_endpoints/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List attempts of a webhook endpoint
         * @description Permission: delivery_attempt:read.
         */
        get: operations["list_attempts_of_webhook_endpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deliveries of a webhook endpoint
         * @description Permission: delivery:read.
         */
        get: operations["list_deliveries_of_webhook_endpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable webhook endpoint
         * @description Stops deliveries to an endpoint; those under way are given up and can be resent. Event: webhook_endpoint.disabled. Permission: webhook_endpoint:disable.
         */
        post: operations["disable_webhook_endpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable webhook endpoint
         * @description Begins deliveries of what happens from now on. Event: webhook_endpoint.enabled. Permission: webhook_endpoint:enable.
         */
        post: operations["enable_webhook_endpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/headers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List headers of a webhook endpoint
         * @description Permission: webhook_header:read.
         */
        get: operations["list_headers_of_webhook_endpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/headers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set webhook header
         * @description Sends a header along with each message to an endpoint, or changes its value. The value is kept encrypted and not shown again.
         *     Permission: webhook_endpoint:update.
         */
        put: operations["set_webhook_header"];
        post?: never;
        /**
         * Remove webhook header
         * @description Sends a header no longer. Permission: webhook_endpoint:update.
         */
        delete: operations["remove_webhook_header"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List replays of a webhook endpoint
         * @description Permission: webhook_replay:read.
         */
        get: operations["list_replays_of_webhook_endpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/signing_keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List signing keys of a webhook endpoint
         * @description Permission: webhook_signing_key:read.
         */
        get: operations["list_signing_keys_of_webhook_endpoint"];
        put?: never;
        /**
         * Rotate webhook signing key
         * @description Gives an endpoint a new signing key. The former one of the same scheme signs too for graceHours (0 to 168), so that no message comes that the receiver cannot
         *     verify. With a scheme that the endpoint has no key of, adds it: both schemes then sign side by side.
         *     Event: webhook_endpoint.key_rotated. Permission: webhook_endpoint:update.
         */
        post: operations["rotate_webhook_signing_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Webhook endpoint statistics
         * @description How an endpoint does: attempts, success, latency and what waits. Permission: delivery:read.
         */
        get: operations["webhook_endpoint_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send test event
         * @description Sends an endpoint a test event, through the same queue and with the same signature as any other: its delivery tells how it went.
         *     Event: webhook_endpoint.tested. Permission: webhook_endpoint:update.
         */
        post: operations["send_test_event"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_headers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook headers
         * @description Permission: webhook_header:read.
         */
        get: operations["list_webhook_headers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_headers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook header
         * @description Permission: webhook_header:read.
         */
        get: operations["get_webhook_header"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook replays
         * @description Permission: webhook_replay:read.
         */
        get: operations["list_webhook_replays"];
        put?: never;
        /**
         * Create a webhook replay
         * @description Permission: webhook_replay:create.
         */
        post: operations["create_webhook_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_replays/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook replay
         * @description Permission: webhook_replay:read.
         */
        get: operations["get_webhook_replay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_replays/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel webhook replay
         * @description Stops a replay; what it has queued already is delivered. Event: webhook_replay.canceled. Permission: webhook_replay:cancel.
         */
        post: operations["cancel_webhook_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_signing_keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook signing keys
         * @description Permission: webhook_signing_key:read.
         */
        get: operations["list_webhook_signing_keys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook_signing_keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook signing key
         * @description Permission: webhook_signing_key:read.
         */
        get: operations["get_webhook_signing_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * ApiKey
         * @description A key that opens the API with its own permissions.
         * @example {
         *       "id": "019c13ec-9e00-7235-8ca2-293ac1c32b6f",
         *       "name": "Nightly import",
         *       "prefix": "fh_live_a1b2c3",
         *       "scopes": [
         *         "project:read"
         *       ],
         *       "status": "active",
         *       "expires_at": null,
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00",
         *       "allowed_networks": [
         *         "203.0.113.0/24"
         *       ],
         *       "created_by": null
         *     }
         */
        ApiKey: {
            /**
             * @description Where it may be used from, in CIDR notation; empty for anywhere.
             * @example [
             *       "203.0.113.0/24"
             *     ]
             */
            allowed_networks: string[];
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership.
             */
            created_by: string | null;
            /** @description What created_by refers to, when it is expanded; null where you may not see it. */
            created_by_member?: components["schemas"]["Member"] | null;
            /**
             * Format: date-time
             * @description When it ends by itself; null for never.
             */
            expires_at: string | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description What it is for, 1 to 200 characters.
             * @example Nightly import
             */
            name: string;
            /**
             * @description The beginning of the key, to tell keys apart.
             * @example fh_live_a1b2c3
             */
            prefix: string;
            /**
             * @description Permissions of the key, such as project:read.
             * @example [
             *       "project:read"
             *     ]
             */
            scopes: string[];
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "expired" | "revoked";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description A key that opens the API with its own permissions. */
        ApiKeyData: {
            /**
             * @description Where it may be used from, in CIDR notation; empty for anywhere.
             * @example [
             *       "203.0.113.0/24"
             *     ]
             */
            allowed_networks: string[];
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership.
             */
            created_by: string | null;
            /**
             * Format: date-time
             * @description When it ends by itself; null for never.
             */
            expires_at: string | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description What it is for, 1 to 200 characters.
             * @example Nightly import
             */
            name: string;
            /**
             * @description The beginning of the key, to tell keys apart.
             * @example fh_live_a1b2c3
             */
            prefix: string;
            /**
             * @description Permissions of the key, such as project:read.
             * @example [
             *       "project:read"
             *     ]
             */
            scopes: string[];
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "expired" | "revoked";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * AuditEntry
         * @description Who did what, when, and to what.
         * @example {
         *       "id": "019c13ec-9e00-7006-8093-abc7bf853023",
         *       "type": "project.archived",
         *       "entity": "project",
         *       "entity_id": "019c13ec-9e00-7f01-8a89-7ab554a504cf",
         *       "entity_version": null,
         *       "occurred_at": "2026-01-31T12:00:00+00:00",
         *       "actor_type": "member",
         *       "actor_id": null,
         *       "actor_name": "Ada Lovelace",
         *       "actor_email": "ada@example.com",
         *       "impersonator_email": "support@example.com",
         *       "impersonator_reason": null,
         *       "request_id": null,
         *       "data": {},
         *       "previous": null
         *     }
         */
        AuditEntry: {
            /**
             * Format: email
             * @description Address of the member who did it.
             * @example ada@example.com
             */
            actor_email: string | null;
            /**
             * Format: uuid
             * @description The membership or API key that did it.
             */
            actor_id: string | null;
            /**
             * @description Name of the member or key that did it.
             * @example Ada Lovelace
             */
            actor_name: string | null;
            /**
             * @description member, api_key, system (a job) or operator (a person in psql).
             * @example member
             */
            actor_type: string;
            /** @description The resource after the change. */
            data: {
                [key: string]: unknown;
            };
            /**
             * @description Name of the entity that changed.
             * @example project
             */
            entity: string;
            /**
             * Format: uuid
             * @description The resource that changed.
             */
            entity_id: string;
            /**
             * Format: int32
             * @description Version of the resource after the change.
             */
            entity_version: number | null;
            /**
             * Format: uuid
             * @description Identifier of the event.
             */
            id: string;
            /**
             * Format: email
             * @description The support person who acted as the member, if one did.
             * @example support@example.com
             */
            impersonator_email: string | null;
            /** @description Why support acted as the member. */
            impersonator_reason: string | null;
            /**
             * Format: date-time
             * @description When it happened.
             */
            occurred_at: string;
            /** @description Former values of what changed; null when it was created. */
            previous: {
                [key: string]: unknown;
            } | null;
            /** @description The request that caused it, as the response's x-request-id tells. */
            request_id: string | null;
            /**
             * @description Kind of event.
             * @example project.archived
             */
            type: string;
        };
        /**
         * Delivery
         * @description One event on its way to one webhook endpoint, or to one internal task.
         * @example {
         *       "id": "019c13ec-9e00-7ac1-8c47-7517456f5f55",
         *       "event_id": "019c13ec-9e00-7083-84b1-b739b84ac10b",
         *       "endpoint_id": null,
         *       "task": null,
         *       "status": "pending",
         *       "attempt_count": 1,
         *       "schedule_start": 1,
         *       "next_attempt_at": null,
         *       "last_error": null,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Delivery: {
            /**
             * Format: int32
             * @description Attempts made.
             */
            attempt_count: number;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description What endpoint_id refers to, when it is expanded; null where you may not see it. */
            endpoint?: components["schemas"]["WebhookEndpoint"] | null;
            /**
             * Format: uuid
             * @description The endpoint that is told; null for an internal task.
             */
            endpoint_id: string | null;
            /** @description What event_id refers to, when it is expanded; null where you may not see it. */
            event?: components["schemas"]["Event"] | null;
            /**
             * Format: uuid
             * @description The event; evt_ and this id is the webhook-id, the same on every attempt.
             */
            event_id: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description Why the last attempt failed. */
            last_error: string | null;
            /**
             * Format: date-time
             * @description When the next attempt is due; null when there is none.
             */
            next_attempt_at: string | null;
            /**
             * Format: int32
             * @description Attempts made before it was last resent: its retries are counted from there.
             */
            schedule_start: number;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "pending" | "succeeded" | "failed";
            /** @description The internal task that is run; null for an endpoint. */
            task: string | null;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
        };
        /**
         * DeliveryAttempt
         * @description One attempt of a delivery: what was answered, and how long it took.
         * @example {
         *       "id": "019c13ec-9e00-75a4-8d3a-a84cb7eecd90",
         *       "delivery_id": "019c13ec-9e00-7eb2-8b47-e262b2fb4115",
         *       "endpoint_id": null,
         *       "attempt": 1,
         *       "succeeded": true,
         *       "status_code": null,
         *       "error": null,
         *       "latency_ms": 1,
         *       "response_excerpt": null,
         *       "occurred_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        DeliveryAttempt: {
            /**
             * Format: int32
             * @description Number of the attempt, from 1.
             */
            attempt: number;
            /** @description What delivery_id refers to, when it is expanded; null where you may not see it. */
            delivery?: components["schemas"]["Delivery"] | null;
            /**
             * Format: uuid
             * @description The delivery that it was of.
             */
            delivery_id: string;
            /** @description What endpoint_id refers to, when it is expanded; null where you may not see it. */
            endpoint?: components["schemas"]["WebhookEndpoint"] | null;
            /**
             * Format: uuid
             * @description The endpoint that was told; null for an internal task.
             */
            endpoint_id: string | null;
            /** @description Why it failed; null when it succeeded. */
            error: string | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: int32
             * @description From the start of the request to the end of the answer.
             */
            latency_ms: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            occurred_at: string;
            /** @description The beginning of the answer. */
            response_excerpt: string | null;
            /**
             * Format: int32
             * @description HTTP status of the answer; null when there was none.
             */
            status_code: number | null;
            /** @description Whether the receiver accepted it. */
            succeeded: boolean;
        };
        /**
         * Event
         * @description What happened in the tenant: one row for each change, with who did it. Append-only.
         * @example {
         *       "id": "019c13ec-9e00-7297-8fdd-42a5cc708743",
         *       "type": "type",
         *       "entity": "entity",
         *       "entity_id": "019c13ec-9e00-7b62-81d3-e49605abc69b",
         *       "entity_version": null,
         *       "data": {},
         *       "previous": null,
         *       "actor_type": "actor type",
         *       "actor_id": null,
         *       "impersonator_id": null,
         *       "request_id": null,
         *       "traceparent": null,
         *       "occurred_at": "2026-01-31T12:00:00+00:00",
         *       "channel": null
         *     }
         */
        Event: {
            /**
             * Format: uuid
             * @description The membership or API key that did it.
             */
            actor_id: string | null;
            /** @description member, api_key, system (a job) or operator (a person in psql). */
            actor_type: string;
            /** @description What it belongs to besides its own resource, such as subscription:<id>; webhook endpoints can filter by it. */
            channel: string | null;
            /** @description The resource after the change. */
            data: {
                [key: string]: unknown;
            };
            /** @description Name of the entity that changed. */
            entity: string;
            /**
             * Format: uuid
             * @description The resource that changed.
             */
            entity_id: string;
            /**
             * Format: int32
             * @description Version of the resource after the change: the order of events of one resource.
             */
            entity_version: number | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: uuid
             * @description The support person who acted as the member, if one did.
             */
            impersonator_id: string | null;
            /**
             * Format: date-time
             * @description When it happened.
             */
            occurred_at: string;
            /** @description Former values of what changed; null when it was created. */
            previous: {
                [key: string]: unknown;
            } | null;
            /** @description The request that caused it, as the response's x-request-id tells. */
            request_id: string | null;
            /** @description W3C trace context of the request. */
            traceparent: string | null;
            /** @description Kind of event, such as project.archived. */
            type: string;
        };
        /**
         * EventType
         * @description A kind of event: what a webhook endpoint can subscribe to, and what its events carry.
         * @example {
         *       "type": "project.archived",
         *       "entity": "project",
         *       "description": "description",
         *       "schema": {}
         *     }
         */
        EventType: {
            /** @description What happened. */
            description: string;
            /**
             * @description Name of the entity that it is about.
             * @example project
             */
            entity: string;
            /** @description JSON Schema (2020-12) of the data of its events. */
            schema: {
                [key: string]: unknown;
            };
            /**
             * @description Name of the type.
             * @example project.archived
             */
            type: string;
        };
        /** @description One use of a feature. */
        FeatureUsedData: {
            /**
             * Format: date
             * @description The day on which it counts, in UTC.
             */
            day: string;
            /**
             * @description The feature.
             * @example search
             */
            feature: string;
            /** @description How often, or how much, in the unit of the feature. */
            quantity: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * GroupRole
         * @description The role that members of a group of the directory have. Of several, the one with the lowest position counts.
         * @example {
         *       "id": "019c13ec-9e00-79be-85ab-947913eaa997",
         *       "group_name": "Engineering",
         *       "role": "member",
         *       "position": 100,
         *       "status": "active",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        GroupRole: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description The group's name in the directory, 1 to 200 characters.
             * @example Engineering
             */
            group_name: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: int32
             * @description Which one counts, when somebody is in several: the lowest. 1 to 1000.
             * @example 100
             */
            position: number;
            /**
             * @description The role that it gives.
             * @example member
             */
            role: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "deleted";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description The role that members of a group of the directory have. Of several, the one with the lowest position counts. */
        GroupRoleData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description The group's name in the directory, 1 to 200 characters.
             * @example Engineering
             */
            group_name: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description Which one counts, when somebody is in several: the lowest. 1 to 1000.
             * @example 100
             */
            position: number;
            /**
             * @description The role that it gives.
             * @example member
             */
            role: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "deleted";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Impersonation
         * @description Support acted as a member of the tenant. The events of that time have its id as their impersonator.
         * @example {
         *       "id": "019c13ec-9e00-7c03-8956-6eb176535a5a",
         *       "membership_id": "019c13ec-9e00-72fe-8be7-be727f77cd4f",
         *       "email": "support@vendor.example",
         *       "reason": "Ticket 4711: the export fails.",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Impersonation: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: email
             * @description Who acted.
             * @example support@vendor.example
             */
            email: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description What membership_id refers to, when it is expanded; null where you may not see it. */
            membership?: components["schemas"]["Member"] | null;
            /**
             * Format: uuid
             * @description The member as whom they acted.
             */
            membership_id: string;
            /**
             * @description Why, as they gave it.
             * @example Ticket 4711: the export fails.
             */
            reason: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description Support acted as a member of the tenant. The events of that time have its id as their impersonator. */
        ImpersonationData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: email
             * @description Who acted.
             * @example support@vendor.example
             */
            email: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: uuid
             * @description The member as whom they acted.
             */
            membership_id: string;
            /**
             * @description Why, as they gave it.
             * @example Ticket 4711: the export fails.
             */
            reason: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Invitation
         * @description An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires.
         * @example {
         *       "id": "019c13ec-9e00-7772-8bcc-e1208b483352",
         *       "email": "grace@example.com",
         *       "role": "viewer",
         *       "status": "accepted",
         *       "expires_at": "2026-02-07T12:00:00+00:00",
         *       "invited_by": null,
         *       "membership_id": null,
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Invitation: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: email
             * @description Where it was sent.
             * @example grace@example.com
             */
            email: string;
            /**
             * Format: date-time
             * @description When it can no longer be accepted: seven days unless set.
             * @example 2026-02-07T12:00:00+00:00
             */
            expires_at: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: uuid
             * @description The member who invited.
             */
            invited_by: string | null;
            /** @description What invited_by refers to, when it is expanded; null where you may not see it. */
            invited_by_member?: components["schemas"]["Member"] | null;
            /** @description What membership_id refers to, when it is expanded; null where you may not see it. */
            membership?: components["schemas"]["Member"] | null;
            /**
             * Format: uuid
             * @description The membership that came of it.
             */
            membership_id: string | null;
            /**
             * @description The role that the person will have.
             * @example viewer
             */
            role: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "accepted" | "expired" | "pending" | "revoked";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description An invitation to join the tenant. It holds a seat until it is accepted, revoked or expires. */
        InvitationData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: email
             * @description Where it was sent.
             * @example grace@example.com
             */
            email: string;
            /**
             * Format: date-time
             * @description When it can no longer be accepted: seven days unless set.
             * @example 2026-02-07T12:00:00+00:00
             */
            expires_at: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: uuid
             * @description The member who invited.
             */
            invited_by: string | null;
            /**
             * Format: uuid
             * @description The membership that came of it.
             */
            membership_id: string | null;
            /**
             * @description The role that the person will have.
             * @example viewer
             */
            role: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "accepted" | "expired" | "pending" | "revoked";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Invoice
         * @description What the tenant is asked to pay. Fixed from the moment it is open.
         * @example {
         *       "id": "019c13ec-9e00-7c64-819f-c91074d210f1",
         *       "number": null,
         *       "subscription_id": "019c13ec-9e00-71b4-8f96-7cbc9fe88ed0",
         *       "currency": "EUR",
         *       "total": 4900,
         *       "status": "draft",
         *       "period_start": "2026-01-31T12:00:00+00:00",
         *       "period_end": "2026-02-28T12:00:00+00:00",
         *       "issued_at": null,
         *       "due_at": null,
         *       "paid_at": null,
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Invoice: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description Currency of all its amounts, as ISO 4217 has it.
             * @example EUR
             */
            currency: string;
            /**
             * Format: date-time
             * @description When it should be paid: 14 days after it was finalized.
             */
            due_at: string | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was finalized.
             */
            issued_at: string | null;
            /** @description INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
            number: string | null;
            /**
             * Format: date-time
             * @description When it was paid.
             */
            paid_at: string | null;
            /**
             * Format: date-time
             * @description End of the time that it is for.
             * @example 2026-02-28T12:00:00+00:00
             */
            period_end: string;
            /**
             * Format: date-time
             * @description Start of the time that it is for.
             */
            period_start: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "draft" | "open" | "paid" | "uncollectible" | "void";
            /** @description What subscription_id refers to, when it is expanded; null where you may not see it. */
            subscription?: components["schemas"]["Subscription"] | null;
            /**
             * Format: uuid
             * @description The subscription that it is for.
             */
            subscription_id: string;
            /**
             * Format: int64
             * @description Sum of the lines, in minor units of the currency.
             * @example 4900
             */
            total: number;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description What the tenant is asked to pay. Fixed from the moment it is open. */
        InvoiceData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description Currency of all its amounts, as ISO 4217 has it.
             * @example EUR
             */
            currency: string;
            /**
             * Format: date-time
             * @description When it should be paid: 14 days after it was finalized.
             */
            due_at: string | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was finalized.
             */
            issued_at: string | null;
            /** @description INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
            number: string | null;
            /**
             * Format: date-time
             * @description When it was paid.
             */
            paid_at: string | null;
            /**
             * Format: date-time
             * @description End of the time that it is for.
             * @example 2026-02-28T12:00:00+00:00
             */
            period_end: string;
            /**
             * Format: date-time
             * @description Start of the time that it is for.
             */
            period_start: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "draft" | "open" | "paid" | "uncollectible" | "void";
            /**
             * Format: uuid
             * @description The subscription that it is for.
             */
            subscription_id: string;
            /**
             * @description Sum of the lines, in minor units of the currency.
             * @example 4900
             */
            total: number;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * InvoiceLine
         * @description One position of an invoice.
         * @example {
         *       "id": "019c13ec-9e00-79a0-8c59-24bdadc01199",
         *       "invoice_id": "019c13ec-9e00-73d0-8a1f-f3670a127a45",
         *       "description": "Team, per month",
         *       "amount": 1,
         *       "period_start": "2026-01-31T12:00:00+00:00",
         *       "period_end": "2026-02-28T12:00:00+00:00",
         *       "created_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        InvoiceLine: {
            /**
             * Format: int64
             * @description In minor units of the invoice's currency; a credit is negative.
             */
            amount: number;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description What is charged.
             * @example Team, per month
             */
            description: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description What invoice_id refers to, when it is expanded; null where you may not see it. */
            invoice?: components["schemas"]["Invoice"] | null;
            /**
             * Format: uuid
             * @description The invoice that it is on.
             */
            invoice_id: string;
            /**
             * Format: date-time
             * @description End of the time that it is for.
             * @example 2026-02-28T12:00:00+00:00
             */
            period_end: string;
            /**
             * Format: date-time
             * @description Start of the time that it is for.
             */
            period_start: string;
        };
        /**
         * Member
         * @description A person who works in the tenant, with one role.
         * @example {
         *       "id": "019c13ec-9e00-723e-8ca5-c9f5d0295776",
         *       "person_id": "019c13ec-9e00-76a9-8d30-150aab2bd91c",
         *       "email": "ada@example.com",
         *       "name": "Ada Lovelace",
         *       "role": "member",
         *       "status": "active",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Member: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: email
             * @description Address as the identity provider verified it.
             * @example ada@example.com
             */
            email: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description Name as people see it.
             * @example Ada Lovelace
             */
            name: string;
            /**
             * Format: uuid
             * @description The person, whatever tenants they belong to.
             */
            person_id: string;
            /**
             * @description owner, admin, member, viewer, billing, or the key of a role of the tenant.
             * @example member
             */
            role: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "removed" | "suspended";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description A person who works in the tenant, with one role. */
        MembershipData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: email
             * @description Address as the identity provider verified it.
             * @example ada@example.com
             */
            email: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description Name as people see it.
             * @example Ada Lovelace
             */
            name: string;
            /**
             * Format: uuid
             * @description The person, whatever tenants they belong to.
             */
            person_id: string;
            /**
             * @description owner, admin, member, viewer, billing, or the key of a role of the tenant.
             * @example member
             */
            role: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "removed" | "suspended";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Plan
         * @description A plan that a tenant can subscribe to.
         * @example {
         *       "key": "team",
         *       "name": "Team",
         *       "description": "For one team.",
         *       "rank": 10,
         *       "currency": "EUR",
         *       "monthly_price": 4900,
         *       "trial_days": 14,
         *       "entitlements": {
         *         "seats": 10,
         *         "projects": 25
         *       }
         *     }
         */
        Plan: {
            /**
             * @description Currency of its price, as ISO 4217 has it.
             * @example EUR
             */
            currency: string;
            /**
             * @description Whom it is for.
             * @example For one team.
             */
            description: string;
            /**
             * @description What it allows by name: a number, 1 for a feature that is included, null for no limit.
             * @example {
             *       "seats": 10,
             *       "projects": 25
             *     }
             */
            entitlements: {
                [key: string]: unknown;
            };
            /**
             * @description Name of the plan, for subscriptions.
             * @example team
             */
            key: string;
            /**
             * Format: int64
             * @description Price of a month in minor units of the currency.
             * @example 4900
             */
            monthly_price: number;
            /**
             * @description Name as people see it.
             * @example Team
             */
            name: string;
            /**
             * Format: int32
             * @description Plans of higher rank are upgrades.
             * @example 10
             */
            rank: number;
            /**
             * Format: int32
             * @description Days of the trial; 0 for none.
             * @example 14
             */
            trial_days: number;
        };
        /**
         * Problem
         * @description Why a request was not done: problem details (RFC 9457) with a code to act on.
         */
        Problem: {
            /**
             * @description What is wrong, for programs; it stays the same.
             * @example not_found
             */
            code: string;
            /** @description What is wrong with this one. */
            detail?: string;
            /** @description Each thing that is wrong, with its place. */
            errors?: {
                /** @description What is wrong, for programs. */
                code: string;
                /** @description What is wrong, for people. */
                detail: string;
                /** @description Header of the request. */
                header?: string;
                /** @description Parameter of the address. */
                parameter?: string;
                /**
                 * Format: json-pointer
                 * @description Place in the body (RFC 6901).
                 */
                pointer?: string;
            }[];
            /** @description What to do about it. */
            remedy?: string;
            /** @description The request, for questions to us; X-Request-Id has it too. */
            request_id: string;
            /** @description The HTTP status. */
            status: number;
            /** @description What is wrong, for people. */
            title: string;
            /**
             * Format: uri-reference
             * @description about:blank: code says what it is.
             */
            type: string;
        };
        /**
         * Project
         * @description Something that the tenant works on.
         * @example {
         *       "id": "019c13ec-9e00-74bb-8464-e755a621788a",
         *       "name": "Rocket",
         *       "description": "To the moon and back.",
         *       "lead_id": null,
         *       "status": "active",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Project: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description What it is about, up to 10,000 characters.
             * @example To the moon and back.
             */
            description: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description What lead_id refers to, when it is expanded; null where you may not see it. */
            lead?: components["schemas"]["Member"] | null;
            /**
             * Format: uuid
             * @description The member who leads it.
             */
            lead_id: string | null;
            /**
             * @description Name, 1 to 200 characters.
             * @example Rocket
             */
            name: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "archived" | "deleted";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description Something that the tenant works on. */
        ProjectData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description What it is about, up to 10,000 characters.
             * @example To the moon and back.
             */
            description: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: uuid
             * @description The member who leads it.
             */
            lead_id: string | null;
            /**
             * @description Name, 1 to 200 characters.
             * @example Rocket
             */
            name: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "archived" | "deleted";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Report
         * @description An export of the tenant's data as newline-delimited JSON or CSV, made by the worker.
         * @example {
         *       "id": "019c13ec-9e00-788a-83a2-5350271bfac1",
         *       "kind": "invoices",
         *       "since": null,
         *       "status": "expired",
         *       "row_count": null,
         *       "byte_count": null,
         *       "error": null,
         *       "expires_at": null,
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00",
         *       "format": "csv"
         *     }
         */
        Report: {
            /**
             * Format: int64
             * @description Size of the export.
             */
            byte_count: number | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description Why it failed. */
            error: string | null;
            /**
             * Format: date-time
             * @description Until when it can be downloaded.
             */
            expires_at: string | null;
            /**
             * @description ndjson, one JSON object a line; or csv, with a header.
             * @example csv
             * @enum {string}
             */
            format: "ndjson" | "csv";
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description events, audit (events with the names of who did it), invoices, members or usage.
             * @example invoices
             * @enum {string}
             */
            kind: "events" | "audit" | "invoices" | "members" | "usage";
            /**
             * Format: int64
             * @description Rows in the export.
             */
            row_count: number | null;
            /**
             * Format: date-time
             * @description Only what happened from then on; all when null.
             */
            since: string | null;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "expired" | "exported" | "failed" | "requested" | "running";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description An export of the tenant's data as newline-delimited JSON or CSV, made by the worker. */
        ReportData: {
            /** @description Size of the export. */
            byte_count: number | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description Why it failed. */
            error: string | null;
            /**
             * Format: date-time
             * @description Until when it can be downloaded.
             */
            expires_at: string | null;
            /**
             * @description ndjson, one JSON object a line; or csv, with a header.
             * @example csv
             */
            format: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description events, audit (events with the names of who did it), invoices, members or usage.
             * @example invoices
             */
            kind: string;
            /** @description Rows in the export. */
            row_count: number | null;
            /**
             * Format: date-time
             * @description Only what happened from then on; all when null.
             */
            since: string | null;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "expired" | "exported" | "failed" | "requested" | "running";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /** @description The report that was downloaded, in short. */
        ReportDownloadedData: {
            /** @description Size of the export. */
            byte_count: number;
            /**
             * Format: uuid
             * @description Identifier of the report.
             */
            id: string;
            /**
             * @description events, invoices, members or usage.
             * @example invoices
             */
            kind: string;
            /** @description Rows in the export. */
            row_count: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Role
         * @description A role of the tenant's own, beside owner, admin, member, viewer and billing.
         * @example {
         *       "id": "019c13ec-9e00-72e3-8b19-7455ea418446",
         *       "key": "auditor",
         *       "name": "Auditor",
         *       "permissions": [
         *         "project:read",
         *         "event:read"
         *       ],
         *       "status": "active",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Role: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description What members, invitations and groups name it by: lower-case letters, digits and _.
             * @example auditor
             */
            key: string;
            /**
             * @description Name as people see it.
             * @example Auditor
             */
            name: string;
            /**
             * @description What it may do, such as project:read.
             * @example [
             *       "project:read",
             *       "event:read"
             *     ]
             */
            permissions: string[];
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "deleted";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description A role of the tenant's own, beside owner, admin, member, viewer and billing. */
        RoleData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description What members, invitations and groups name it by: lower-case letters, digits and _.
             * @example auditor
             */
            key: string;
            /**
             * @description Name as people see it.
             * @example Auditor
             */
            name: string;
            /**
             * @description What it may do, such as project:read.
             * @example [
             *       "project:read",
             *       "event:read"
             *     ]
             */
            permissions: string[];
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "deleted";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Subscription
         * @description What the tenant pays for.
         * @example {
         *       "id": "019c13ec-9e00-797f-8457-30ae726c5d0c",
         *       "plan": "team",
         *       "next_plan": null,
         *       "status": "active",
         *       "trial_ends_at": "2026-02-14T12:00:00+00:00",
         *       "anchor": "2026-01-31T12:00:00+00:00",
         *       "period": 0,
         *       "current_period_start": "2026-01-31T12:00:00+00:00",
         *       "current_period_end": "2026-02-14T12:00:00+00:00",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        Subscription: {
            /**
             * Format: date-time
             * @description Start of the first paid period: the n-th begins n months later, so that the 31st does not drift.
             */
            anchor: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When the current period ends, and the next begins.
             * @example 2026-02-14T12:00:00+00:00
             */
            current_period_end: string;
            /**
             * Format: date-time
             * @description When the current period began.
             */
            current_period_start: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description The plan from the next period on, when a downgrade is waiting. */
            next_plan: string | null;
            /**
             * Format: int32
             * @description Number of the current period, from 0.
             * @example 0
             */
            period: number;
            /**
             * @description The plan that holds now.
             * @example team
             */
            plan: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "canceled" | "past_due" | "paused" | "trialing";
            /**
             * Format: date-time
             * @description When the trial turns into a paid subscription by itself.
             * @example 2026-02-14T12:00:00+00:00
             */
            trial_ends_at: string | null;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description What the tenant pays for. */
        SubscriptionData: {
            /**
             * Format: date-time
             * @description Start of the first paid period: the n-th begins n months later, so that the 31st does not drift.
             */
            anchor: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When the current period ends, and the next begins.
             * @example 2026-02-14T12:00:00+00:00
             */
            current_period_end: string;
            /**
             * Format: date-time
             * @description When the current period began.
             */
            current_period_start: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description The plan from the next period on, when a downgrade is waiting. */
            next_plan: string | null;
            /**
             * @description Number of the current period, from 0.
             * @example 0
             */
            period: number;
            /**
             * @description The plan that holds now.
             * @example team
             */
            plan: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "canceled" | "past_due" | "paused" | "trialing";
            /**
             * Format: date-time
             * @description When the trial turns into a paid subscription by itself.
             * @example 2026-02-14T12:00:00+00:00
             */
            trial_ends_at: string | null;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Tenant
         * @description The organization that everything else belongs to.
         * @example {
         *       "id": "019c13ec-9e00-7811-8730-6231b83b56fa",
         *       "name": "Acme Ltd",
         *       "slug": "acme",
         *       "status": "active",
         *       "closes_at": null,
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00",
         *       "admit_verified_domains": true,
         *       "default_role": "member",
         *       "max_session_hours": 168,
         *       "max_idle_minutes": 1440,
         *       "allowed_networks": [
         *         "203.0.113.0/24"
         *       ],
         *       "login_methods": [
         *         "SSO",
         *         "Passkey"
         *       ],
         *       "require_sso": true,
         *       "stream_audit_log": true,
         *       "allowed_origins": [
         *         "https://app.example.com"
         *       ]
         *     }
         */
        Tenant: {
            /** @description Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified. */
            admit_verified_domains: boolean;
            /**
             * @description Where members and keys may come from, in CIDR notation; empty for anywhere.
             * @example [
             *       "203.0.113.0/24"
             *     ]
             */
            allowed_networks: string[];
            /**
             * @description Origins whose web pages may call the REST API with its credentials; empty for none.
             * @example [
             *       "https://app.example.com"
             *     ]
             */
            allowed_origins: string[];
            /**
             * Format: date-time
             * @description When the grace period ends and the tenant is closed.
             */
            closes_at: string | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description The role of who joins without an invitation or a group that gives one.
             * @example member
             */
            default_role: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description How members may sign in, as the identity provider names it; empty for any way.
             * @example [
             *       "SSO",
             *       "Passkey"
             *     ]
             */
            login_methods: string[];
            /**
             * Format: int32
             * @description How long a session may go unused: 5 to 129600 minutes.
             * @example 1440
             */
            max_idle_minutes: number;
            /**
             * Format: int32
             * @description How long a session lasts at most: 1 to 2160 hours.
             * @example 168
             */
            max_session_hours: number;
            /**
             * @description Name as people see it.
             * @example Acme Ltd
             */
            name: string;
            /** @description Whether members must come by single sign-on. */
            require_sso: boolean;
            /**
             * @description Short name in addresses; unique over all tenants.
             * @example acme
             */
            slug: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "closed" | "closing" | "provisioning" | "suspended";
            /** @description Whether its events go to the audit log of the identity provider, from now on. */
            stream_audit_log: boolean;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description The organization that everything else belongs to. */
        TenantData: {
            /** @description Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified. */
            admit_verified_domains: boolean;
            /**
             * @description Where members and keys may come from, in CIDR notation; empty for anywhere.
             * @example [
             *       "203.0.113.0/24"
             *     ]
             */
            allowed_networks: string[];
            /**
             * @description Origins whose web pages may call the REST API with its credentials; empty for none.
             * @example [
             *       "https://app.example.com"
             *     ]
             */
            allowed_origins: string[];
            /**
             * Format: date-time
             * @description When the grace period ends and the tenant is closed.
             */
            closes_at: string | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description The role of who joins without an invitation or a group that gives one.
             * @example member
             */
            default_role: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * @description How members may sign in, as the identity provider names it; empty for any way.
             * @example [
             *       "SSO",
             *       "Passkey"
             *     ]
             */
            login_methods: string[];
            /**
             * @description How long a session may go unused: 5 to 129600 minutes.
             * @example 1440
             */
            max_idle_minutes: number;
            /**
             * @description How long a session lasts at most: 1 to 2160 hours.
             * @example 168
             */
            max_session_hours: number;
            /**
             * @description Name as people see it.
             * @example Acme Ltd
             */
            name: string;
            /** @description Whether members must come by single sign-on. */
            require_sso: boolean;
            /**
             * @description Short name in addresses; unique over all tenants.
             * @example acme
             */
            slug: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "active" | "closed" | "closing" | "provisioning" | "suspended";
            /** @description Whether its events go to the audit log of the identity provider, from now on. */
            stream_audit_log: boolean;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * Usage
         * @description Use of a feature on a day.
         * @example {
         *       "feature": "search",
         *       "day": "2026-01-31",
         *       "quantity": 3
         *     }
         */
        Usage: {
            /**
             * Format: date
             * @description The day, in UTC.
             */
            day: string;
            /**
             * @description The feature.
             * @example search
             */
            feature: string;
            /**
             * Format: int64
             * @description How often, or how much, in the unit of the feature.
             * @example 3
             */
            quantity: number;
        };
        /** @description One sign-in. */
        UserSignedInData: {
            /**
             * Format: uuid
             * @description The membership.
             */
            id: string;
            /**
             * @description The address that they came from.
             * @example 203.0.113.7
             */
            ip: string | null;
            /**
             * @description How the person proved who they are, as the identity provider names it.
             * @example SSO
             */
            method: string | null;
            /**
             * Format: uuid
             * @description The session that began.
             */
            session_id: string;
            /** @description What their browser calls itself. */
            user_agent: string | null;
        } & {
            [key: string]: unknown;
        };
        /** @description The end of a session. */
        UserSignedOutData: {
            /**
             * Format: uuid
             * @description The membership.
             */
            id: string;
            /**
             * @description signed_out in this browser; revoked from another one; refused_by_provider when the identity provider has ended it.
             * @enum {string}
             */
            reason: "signed_out" | "revoked" | "refused_by_provider";
            /**
             * Format: uuid
             * @description The session that ended.
             */
            session_id: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * WebhookEndpoint
         * @description An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0).
         * @example {
         *       "id": "019c13ec-9e00-7262-8460-5e0c123fd08d",
         *       "url": "https://receiver.example/webhooks",
         *       "description": "Bookkeeping",
         *       "event_types": [
         *         "invoice.*"
         *       ],
         *       "status": "disabled",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00",
         *       "channels": [],
         *       "ordered": true,
         *       "rate_limit": null,
         *       "concurrency": null,
         *       "retry_delays": [],
         *       "disabled_reason": null
         *     }
         */
        WebhookEndpoint: {
            /** @description Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>. */
            channels: string[];
            /**
             * Format: int32
             * @description Messages at a time at most; null for no limit of its own.
             */
            concurrency: number | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description What it is for.
             * @example Bookkeeping
             */
            description: string;
            /** @description Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it. */
            disabled_reason: string | null;
            /**
             * @description What it is told of: exact types, all of an entity (invoice.*), or everything (*).
             * @example [
             *       "invoice.*"
             *     ]
             */
            event_types: string[];
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up. */
            ordered: boolean;
            /**
             * Format: int32
             * @description Messages a second at most; null for no limit.
             */
            rate_limit: number | null;
            /** @description Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries. */
            retry_delays: number[];
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "disabled" | "enabled";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: uri
             * @description Where to post: https, without user, password and fragment.
             * @example https://receiver.example/webhooks
             */
            url: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description An address that is told of events, by signed HTTP posts (Standard Webhooks 1.0). */
        WebhookEndpointData: {
            /** @description Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>. */
            channels: string[];
            /** @description Messages at a time at most; null for no limit of its own. */
            concurrency: number | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * @description What it is for.
             * @example Bookkeeping
             */
            description: string;
            /** @description Why the system disabled it: gone (it answered 410) or failing (nothing but failures for days). Null when it is enabled, or its owner disabled it. */
            disabled_reason: string | null;
            /**
             * @description What it is told of: exact types, all of an entity (invoice.*), or everything (*).
             * @example [
             *       "invoice.*"
             *     ]
             */
            event_types: string[];
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up. */
            ordered: boolean;
            /** @description Messages a second at most; null for no limit. */
            rate_limit: number | null;
            /** @description Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries. */
            retry_delays: number[];
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "disabled" | "enabled";
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: uri
             * @description Where to post: https, without user, password and fragment.
             * @example https://receiver.example/webhooks
             */
            url: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /** @description A webhook endpoint at which everything fails. */
        WebhookEndpointFailingData: {
            /** @description What it is for. */
            description: string;
            /**
             * Format: date-time
             * @description When it is disabled, unless a delivery succeeds before.
             */
            disables_at: string;
            /**
             * Format: date-time
             * @description Since when every delivery to it has failed.
             */
            failing_since: string;
            /**
             * Format: uuid
             * @description The endpoint.
             */
            id: string;
            /** @description Where it is. */
            url: string;
        } & {
            [key: string]: unknown;
        };
        /** @description A signing key of a webhook endpoint, and until when the former one signs. */
        WebhookEndpointKeyRotatedData: {
            /**
             * Format: date-time
             * @description When the former key stops signing; null when there was none.
             */
            former_expires_at: string | null;
            /**
             * Format: uuid
             * @description The endpoint.
             */
            id: string;
            /**
             * Format: uuid
             * @description The new key.
             */
            key_id: string;
            /** @description whpk_ and base64, for scheme v1a. */
            public_key: string | null;
            /**
             * @description Signature scheme of the key.
             * @enum {string}
             */
            scheme: "v1" | "v1a";
        } & {
            [key: string]: unknown;
        };
        /** @description What was given along with a test. */
        WebhookEndpointTestedData: {
            /**
             * Format: uuid
             * @description The endpoint.
             */
            id: string;
            /** @description What the caller gave along. */
            message: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * WebhookHeader
         * @description A header that is sent along with each message to an endpoint. Its value is kept encrypted and is not shown again.
         * @example {
         *       "id": "019c13ec-9e00-7ed1-8f7f-f3c2e0703748",
         *       "endpoint_id": "019c13ec-9e00-7263-84a0-92828100739f",
         *       "name": "name",
         *       "created_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        WebhookHeader: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description What endpoint_id refers to, when it is expanded; null where you may not see it. */
            endpoint?: components["schemas"]["WebhookEndpoint"] | null;
            /**
             * Format: uuid
             * @description The endpoint that it is sent to.
             */
            endpoint_id: string;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description Name of the header, in lower case. */
            name: string;
        };
        /**
         * WebhookReplay
         * @description Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker.
         * @example {
         *       "id": "019c13ec-9e00-7078-8d4b-bb124a95ec36",
         *       "endpoint_id": "019c13ec-9e00-7ab8-8420-bef6a2c1e7e8",
         *       "since": "2026-01-31T12:00:00+00:00",
         *       "until": "2026-01-31T12:00:00+00:00",
         *       "failed_only": true,
         *       "status": "canceled",
         *       "version": 1,
         *       "created_at": "2026-01-31T12:00:00+00:00",
         *       "updated_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        WebhookReplay: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description What endpoint_id refers to, when it is expanded; null where you may not see it. */
            endpoint?: components["schemas"]["WebhookEndpoint"] | null;
            /**
             * Format: uuid
             * @description The endpoint that is told; it must be enabled.
             */
            endpoint_id: string;
            /** @description Only deliveries that were given up. */
            failed_only: boolean;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: date-time
             * @description Events from then on, as far back as the plan keeps them in sight.
             */
            since: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "canceled" | "completed" | "failed" | "running";
            /**
             * Format: date-time
             * @description Events before that; the time of the request when not given.
             */
            until: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts its changes, from 1: the version to expect when changing it.
             */
            version: number;
        };
        /** @description Events of a time that an endpoint is sent again, under the same webhook-id: all that it is subscribed to, or only what failed. Made part by part by the worker. */
        WebhookReplayData: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description The endpoint that is told; it must be enabled.
             */
            endpoint_id: string;
            /** @description Only deliveries that were given up. */
            failed_only: boolean;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /**
             * Format: date-time
             * @description Events from then on, as far back as the plan keeps them in sight.
             */
            since: string;
            /**
             * @description State in its lifecycle.
             * @enum {string}
             */
            status: "canceled" | "completed" | "failed" | "running";
            /**
             * Format: date-time
             * @description Events before that; the time of the request when not given.
             */
            until: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
            /** @description Counts its changes, from 1: the version to expect when changing it. */
            version: number;
        } & {
            [key: string]: unknown;
        };
        /**
         * WebhookSigningKey
         * @description A key that signs what an endpoint is sent. After a rotation the former one signs too, until it expires.
         * @example {
         *       "id": "019c13ec-9e00-7709-87b2-138af32963f0",
         *       "endpoint_id": "019c13ec-9e00-7a01-87db-472e307ca6a9",
         *       "scheme": "v1",
         *       "public_key": null,
         *       "expires_at": null,
         *       "created_at": "2026-01-31T12:00:00+00:00"
         *     }
         */
        WebhookSigningKey: {
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /** @description What endpoint_id refers to, when it is expanded; null where you may not see it. */
            endpoint?: components["schemas"]["WebhookEndpoint"] | null;
            /**
             * Format: uuid
             * @description The endpoint whose messages it signs.
             */
            endpoint_id: string;
            /**
             * Format: date-time
             * @description When it stops signing; null for the present key.
             */
            expires_at: string | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description whpk_ and base64, for scheme v1a; null for v1. */
            public_key: string | null;
            /**
             * @description v1: HMAC-SHA256 with a secret (whsec_). v1a: ed25519, verified with the public key (whpk_).
             * @enum {string}
             */
            scheme: "v1" | "v1a";
        };
    };
    responses: {
        /** @description A parameter, a header or the form of the body is not acceptable. */
        BadRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The resource is not in a state that allows this, or a concurrent change got in the way. */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller may not do this, or the plan does not include it. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request took too long and was cancelled. */
        GatewayTimeout: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A fault of ours. */
        InternalServerError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The answer would be application/json, which the caller does not accept. */
        NotAcceptable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such resource, or it is not for the caller to see. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large. */
        PayloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The resource has another version than If-Match says. */
        PreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This is changed only with If-Match. */
        PreconditionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The service is busy, or restarting: come again later. */
        ServiceUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests: Retry-After says when to come again. */
        TooManyRequests: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid credential came with the request. */
        Unauthorized: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A value is not acceptable. */
        UnprocessableEntity: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is no JSON. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description Go on where next_cursor of another page says. */
        Cursor: string;
        /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
        IdempotencyKey: string;
        /**
         * @description The ETag of the version that is to be changed.
         * @example "1"
         */
        IfMatch: string;
        /** @description The ETag that you have: 304 when it is still the present one. */
        IfNoneMatch: string;
        /** @description How many at most. */
        Limit: number;
        /** @description The version of the API that is meant, by its date. Without: the newest. */
        Version: string;
    };
    requestBodies: never;
    headers: {
        /** @description The version of the resource, for If-Match and If-None-Match. */
        ETag: string;
        /** @description The version that answered. */
        "Freehold-Version": string;
        /** @description The answer is that of an earlier request with this Idempotency-Key. */
        "Idempotency-Replayed": "true";
        /** @description Where the new resource is. */
        Location: string;
        /** @description What is left, and in how many seconds it is whole again (draft-ietf-httpapi-ratelimit-headers). */
        RateLimit: string;
        /** @description Requests in a window of seconds: of the tenant, and of the key. */
        "RateLimit-Policy": string;
        /** @description Seconds to wait. */
        "Retry-After": number;
        /** @description The request, as the caller named it, or a name of ours: give it with questions. */
        "X-Request-Id": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_api_keys: {
        parameters: {
            query?: {
                /** @description Those with this value. The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership. */
                created_by?: string;
                /** @description Those with one of these values. The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership. */
                "created_by[in]"?: string[];
                /** @description Whether those without a value, or those with one. The member who made or rotated it; it opens nothing while they are suspended, and ends with their membership. */
                "created_by[null]"?: boolean;
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "created_by_member"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ApiKey"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_api_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Nightly import",
                 *       "scopes": [
                 *         "project:read"
                 *       ],
                 *       "allowed_networks": [
                 *         "203.0.113.0/24"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Where it may be used from, in CIDR notation; empty for anywhere.
                     * @example [
                     *       "203.0.113.0/24"
                     *     ]
                     */
                    allowed_networks?: string[] | null;
                    /**
                     * Format: date-time
                     * @description When it ends by itself; null for never.
                     */
                    expires_at?: string | null;
                    /**
                     * @description What it is for, 1 to 200 characters.
                     * @example Nightly import
                     */
                    name: string;
                    /**
                     * @description Permissions of the key, such as project:read.
                     * @example [
                     *       "project:read"
                     *     ]
                     */
                    scopes: string[];
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": (components["schemas"]["ApiKey"] | {
                        /** Format: uuid */
                        id: string;
                    }) & {
                        secret: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_api_key: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: "created_by_member"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7235-8ca2-293ac1c32b6f",
                     *       "name": "Nightly import",
                     *       "prefix": "fh_live_a1b2c3",
                     *       "scopes": [
                     *         "project:read"
                     *       ],
                     *       "status": "active",
                     *       "expires_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "allowed_networks": [
                     *         "203.0.113.0/24"
                     *       ],
                     *       "created_by": null
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    update_api_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Nightly import",
                 *       "allowed_networks": [
                 *         "203.0.113.0/24"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Where it may be used from, in CIDR notation; empty for anywhere.
                     * @example [
                     *       "203.0.113.0/24"
                     *     ]
                     */
                    allowed_networks?: string[];
                    /**
                     * @description What it is for, 1 to 200 characters.
                     * @example Nightly import
                     */
                    name?: string;
                };
                /**
                 * @example {
                 *       "name": "Nightly import",
                 *       "allowed_networks": [
                 *         "203.0.113.0/24"
                 *       ]
                 *     }
                 */
                "application/merge-patch+json": {
                    /**
                     * @description Where it may be used from, in CIDR notation; empty for anywhere.
                     * @example [
                     *       "203.0.113.0/24"
                     *     ]
                     */
                    allowed_networks?: string[];
                    /**
                     * @description What it is for, 1 to 200 characters.
                     * @example Nightly import
                     */
                    name?: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7235-8ca2-293ac1c32b6f",
                     *       "name": "Nightly import",
                     *       "prefix": "fh_live_a1b2c3",
                     *       "scopes": [
                     *         "project:read"
                     *       ],
                     *       "status": "active",
                     *       "expires_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "allowed_networks": [
                     *         "203.0.113.0/24"
                     *       ],
                     *       "created_by": null
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    revoke_api_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7235-8ca2-293ac1c32b6f",
                     *       "name": "Nightly import",
                     *       "prefix": "fh_live_a1b2c3",
                     *       "scopes": [
                     *         "project:read"
                     *       ],
                     *       "status": "active",
                     *       "expires_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "allowed_networks": [
                     *         "203.0.113.0/24"
                     *       ],
                     *       "created_by": null
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    rotate_api_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description When it ends by itself; null for never.
                     */
                    expires_at?: string | null;
                    /** Format: int32 */
                    grace_hours?: number | null;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": (components["schemas"]["ApiKey"] | {
                        /** Format: uuid */
                        id: string;
                    }) & {
                        secret: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_audit_trail: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The resource that changed. */
                entity_id?: string;
                /** @description Those with one of these values. The resource that changed. */
                "entity_id[in]"?: string[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier of the event. */
                id?: string;
                /** @description Those with one of these values. Identifier of the event. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-entity_id" | "entity_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_audit_entry: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier of the event. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7006-8093-abc7bf853023",
                     *       "type": "project.archived",
                     *       "entity": "project",
                     *       "entity_id": "019c13ec-9e00-7f01-8a89-7ab554a504cf",
                     *       "entity_version": null,
                     *       "occurred_at": "2026-01-31T12:00:00+00:00",
                     *       "actor_type": "member",
                     *       "actor_id": null,
                     *       "actor_name": "Ada Lovelace",
                     *       "actor_email": "ada@example.com",
                     *       "impersonator_email": "support@example.com",
                     *       "impersonator_reason": null,
                     *       "request_id": null,
                     *       "data": {},
                     *       "previous": null
                     *     }
                     */
                    "application/json": components["schemas"]["AuditEntry"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_deliveries: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The endpoint that is told; null for an internal task. */
                endpoint_id?: string;
                /** @description Those with one of these values. The endpoint that is told; null for an internal task. */
                "endpoint_id[in]"?: string[];
                /** @description Whether those without a value, or those with one. The endpoint that is told; null for an internal task. */
                "endpoint_id[null]"?: boolean;
                /** @description Those with this value. The event; evt_ and this id is the webhook-id, the same on every attempt. */
                event_id?: string;
                /** @description Those with one of these values. The event; evt_ and this id is the webhook-id, the same on every attempt. */
                "event_id[in]"?: string[];
                /** @description Show in full what is referred to. */
                expand?: ("endpoint" | "event")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-event_id" | "event_id" | "-status" | "status";
                /** @description Those with this value. State in its lifecycle. */
                status?: "pending" | "succeeded" | "failed";
                /** @description Those with one of these values. State in its lifecycle. */
                "status[in]"?: ("pending" | "succeeded" | "failed")[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_delivery: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: ("endpoint" | "event")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7ac1-8c47-7517456f5f55",
                     *       "event_id": "019c13ec-9e00-7083-84b1-b739b84ac10b",
                     *       "endpoint_id": null,
                     *       "task": null,
                     *       "status": "pending",
                     *       "attempt_count": 1,
                     *       "schedule_start": 1,
                     *       "next_attempt_at": null,
                     *       "last_error": null,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Delivery"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_attempts_of_delivery: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The endpoint that was told; null for an internal task. */
                endpoint_id?: string;
                /** @description Those with one of these values. The endpoint that was told; null for an internal task. */
                "endpoint_id[in]"?: string[];
                /** @description Whether those without a value, or those with one. The endpoint that was told; null for an internal task. */
                "endpoint_id[null]"?: boolean;
                /** @description Show in full what is referred to. */
                expand?: ("delivery" | "delivery.endpoint" | "delivery.event" | "endpoint")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-delivery_id" | "delivery_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeliveryAttempt"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    resend_delivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7ac1-8c47-7517456f5f55",
                     *       "event_id": "019c13ec-9e00-7083-84b1-b739b84ac10b",
                     *       "endpoint_id": null,
                     *       "task": null,
                     *       "status": "pending",
                     *       "attempt_count": 1,
                     *       "schedule_start": 1,
                     *       "next_attempt_at": null,
                     *       "last_error": null,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_delivery_attempts: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The delivery that it was of. */
                delivery_id?: string;
                /** @description Those with one of these values. The delivery that it was of. */
                "delivery_id[in]"?: string[];
                /** @description Those with this value. The endpoint that was told; null for an internal task. */
                endpoint_id?: string;
                /** @description Those with one of these values. The endpoint that was told; null for an internal task. */
                "endpoint_id[in]"?: string[];
                /** @description Whether those without a value, or those with one. The endpoint that was told; null for an internal task. */
                "endpoint_id[null]"?: boolean;
                /** @description Show in full what is referred to. */
                expand?: ("delivery" | "delivery.endpoint" | "delivery.event" | "endpoint")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-delivery_id" | "delivery_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeliveryAttempt"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_delivery_attempt: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: ("delivery" | "delivery.endpoint" | "delivery.event" | "endpoint")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-75a4-8d3a-a84cb7eecd90",
                     *       "delivery_id": "019c13ec-9e00-7eb2-8b47-e262b2fb4115",
                     *       "endpoint_id": null,
                     *       "attempt": 1,
                     *       "succeeded": true,
                     *       "status_code": null,
                     *       "error": null,
                     *       "latency_ms": 1,
                     *       "response_excerpt": null,
                     *       "occurred_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveryAttempt"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_event_types: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. Name of the entity that it is about. */
                entity?: string;
                /** @description Those above this value. Name of the entity that it is about. */
                "entity[gt]"?: string;
                /** @description Those from this value on. Name of the entity that it is about. */
                "entity[gte]"?: string;
                /** @description Those with one of these values. Name of the entity that it is about. */
                "entity[in]"?: string[];
                /** @description Those below this value. Name of the entity that it is about. */
                "entity[lt]"?: string;
                /** @description Those up to this value. Name of the entity that it is about. */
                "entity[lte]"?: string;
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-type" | "type" | "-entity" | "entity";
                /** @description Those with this value. Name of the type. */
                type?: string;
                /** @description Those above this value. Name of the type. */
                "type[gt]"?: string;
                /** @description Those from this value on. Name of the type. */
                "type[gte]"?: string;
                /** @description Those with one of these values. Name of the type. */
                "type[in]"?: string[];
                /** @description Those below this value. Name of the type. */
                "type[lt]"?: string;
                /** @description Those up to this value. Name of the type. */
                "type[lte]"?: string;
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EventType"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_event_type: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Name of the type. */
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "project.archived",
                     *       "entity": "project",
                     *       "description": "description",
                     *       "schema": {}
                     *     }
                     */
                    "application/json": components["schemas"]["EventType"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_events: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Show events of these types alone: exact types, all of an entity (invoice.*), or *. The page still spans limit events, so it may show fewer, or none, although there are more. */
                types?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /**
                         * Format: date-time
                         * @description Time of the first event that waits to be shown, because an older transaction still runs; null when none does.
                         */
                        held_back_since: string | null;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_event: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7297-8fdd-42a5cc708743",
                     *       "type": "type",
                     *       "entity": "entity",
                     *       "entity_id": "019c13ec-9e00-7b62-81d3-e49605abc69b",
                     *       "entity_version": null,
                     *       "data": {},
                     *       "previous": null,
                     *       "actor_type": "actor type",
                     *       "actor_id": null,
                     *       "impersonator_id": null,
                     *       "request_id": null,
                     *       "traceparent": null,
                     *       "occurred_at": "2026-01-31T12:00:00+00:00",
                     *       "channel": null
                     *     }
                     */
                    "application/json": components["schemas"]["Event"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_deliveries_of_event: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The endpoint that is told; null for an internal task. */
                endpoint_id?: string;
                /** @description Those with one of these values. The endpoint that is told; null for an internal task. */
                "endpoint_id[in]"?: string[];
                /** @description Whether those without a value, or those with one. The endpoint that is told; null for an internal task. */
                "endpoint_id[null]"?: boolean;
                /** @description Show in full what is referred to. */
                expand?: ("endpoint" | "event")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-event_id" | "event_id" | "-status" | "status";
                /** @description Those with this value. State in its lifecycle. */
                status?: "pending" | "succeeded" | "failed";
                /** @description Those with one of these values. State in its lifecycle. */
                "status[in]"?: ("pending" | "succeeded" | "failed")[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_group_roles: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["GroupRole"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_group_role: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "group_name": "Engineering",
                 *       "role": "member",
                 *       "position": 100
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The group's name in the directory, 1 to 200 characters.
                     * @example Engineering
                     */
                    group_name: string;
                    /**
                     * Format: int32
                     * @description Which one counts, when somebody is in several: the lowest. 1 to 1000.
                     * @example 100
                     */
                    position?: number;
                    /**
                     * @description The role that it gives.
                     * @example member
                     */
                    role: string;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-79be-85ab-947913eaa997",
                     *       "group_name": "Engineering",
                     *       "role": "member",
                     *       "position": 100,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["GroupRole"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_group_role: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-79be-85ab-947913eaa997",
                     *       "group_name": "Engineering",
                     *       "role": "member",
                     *       "position": 100,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["GroupRole"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    delete_group_role: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            204: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    update_group_role: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "group_name": "Engineering",
                 *       "role": "member",
                 *       "position": 100
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The group's name in the directory, 1 to 200 characters.
                     * @example Engineering
                     */
                    group_name?: string;
                    /**
                     * Format: int32
                     * @description Which one counts, when somebody is in several: the lowest. 1 to 1000.
                     * @example 100
                     */
                    position?: number;
                    /**
                     * @description The role that it gives.
                     * @example member
                     */
                    role?: string;
                };
                /**
                 * @example {
                 *       "group_name": "Engineering",
                 *       "role": "member",
                 *       "position": 100
                 *     }
                 */
                "application/merge-patch+json": {
                    /**
                     * @description The group's name in the directory, 1 to 200 characters.
                     * @example Engineering
                     */
                    group_name?: string;
                    /**
                     * Format: int32
                     * @description Which one counts, when somebody is in several: the lowest. 1 to 1000.
                     * @example 100
                     */
                    position?: number;
                    /**
                     * @description The role that it gives.
                     * @example member
                     */
                    role?: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-79be-85ab-947913eaa997",
                     *       "group_name": "Engineering",
                     *       "role": "member",
                     *       "position": 100,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["GroupRole"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_impersonations: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "membership"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Those with this value. The member as whom they acted. */
                membership_id?: string;
                /** @description Those with one of these values. The member as whom they acted. */
                "membership_id[in]"?: string[];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-membership_id" | "membership_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Impersonation"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_impersonation: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: "membership"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7c03-8956-6eb176535a5a",
                     *       "membership_id": "019c13ec-9e00-72fe-8be7-be727f77cd4f",
                     *       "email": "support@vendor.example",
                     *       "reason": "Ticket 4711: the export fails.",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Impersonation"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_invitations: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: ("invited_by_member" | "membership")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description Those with this value. The member who invited. */
                invited_by?: string;
                /** @description Those with one of these values. The member who invited. */
                "invited_by[in]"?: string[];
                /** @description Whether those without a value, or those with one. The member who invited. */
                "invited_by[null]"?: boolean;
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Those with this value. The membership that came of it. */
                membership_id?: string;
                /** @description Those with one of these values. The membership that came of it. */
                "membership_id[in]"?: string[];
                /** @description Whether those without a value, or those with one. The membership that came of it. */
                "membership_id[null]"?: boolean;
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Invitation"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_invitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "grace@example.com",
                 *       "role": "viewer",
                 *       "expires_at": "2026-02-07T12:00:00+00:00"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: email
                     * @description Where it was sent.
                     * @example grace@example.com
                     */
                    email: string;
                    /**
                     * Format: date-time
                     * @description When it can no longer be accepted: seven days unless set.
                     * @example 2026-02-07T12:00:00+00:00
                     */
                    expires_at?: string;
                    /**
                     * @description The role that the person will have.
                     * @example viewer
                     */
                    role: string;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7772-8bcc-e1208b483352",
                     *       "email": "grace@example.com",
                     *       "role": "viewer",
                     *       "status": "accepted",
                     *       "expires_at": "2026-02-07T12:00:00+00:00",
                     *       "invited_by": null,
                     *       "membership_id": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_invitation: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: ("invited_by_member" | "membership")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7772-8bcc-e1208b483352",
                     *       "email": "grace@example.com",
                     *       "role": "viewer",
                     *       "status": "accepted",
                     *       "expires_at": "2026-02-07T12:00:00+00:00",
                     *       "invited_by": null,
                     *       "membership_id": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Invitation"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    resend_invitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7772-8bcc-e1208b483352",
                     *       "email": "grace@example.com",
                     *       "role": "viewer",
                     *       "status": "accepted",
                     *       "expires_at": "2026-02-07T12:00:00+00:00",
                     *       "invited_by": null,
                     *       "membership_id": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    revoke_invitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7772-8bcc-e1208b483352",
                     *       "email": "grace@example.com",
                     *       "role": "viewer",
                     *       "status": "accepted",
                     *       "expires_at": "2026-02-07T12:00:00+00:00",
                     *       "invited_by": null,
                     *       "membership_id": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_invoice_lines: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: ("invoice" | "invoice.subscription")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description Those with this value. The invoice that it is on. */
                invoice_id?: string;
                /** @description Those with one of these values. The invoice that it is on. */
                "invoice_id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-invoice_id" | "invoice_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["InvoiceLine"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_invoice_line: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: ("invoice" | "invoice.subscription")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-79a0-8c59-24bdadc01199",
                     *       "invoice_id": "019c13ec-9e00-73d0-8a1f-f3670a127a45",
                     *       "description": "Team, per month",
                     *       "amount": 1,
                     *       "period_start": "2026-01-31T12:00:00+00:00",
                     *       "period_end": "2026-02-28T12:00:00+00:00",
                     *       "created_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["InvoiceLine"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_invoices: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "subscription"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Those with this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                number?: string;
                /** @description Those above this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[gt]"?: string;
                /** @description Those from this value on. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[gte]"?: string;
                /** @description Those with one of these values. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[in]"?: string[];
                /** @description Those below this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[lt]"?: string;
                /** @description Those up to this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[lte]"?: string;
                /** @description Whether those without a value, or those with one. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[null]"?: boolean;
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-subscription_id" | "subscription_id" | "-status" | "status";
                /** @description Those with this value. State in its lifecycle. */
                status?: "draft" | "open" | "paid" | "uncollectible" | "void";
                /** @description Those with one of these values. State in its lifecycle. */
                "status[in]"?: ("draft" | "open" | "paid" | "uncollectible" | "void")[];
                /** @description Those with this value. The subscription that it is for. */
                subscription_id?: string;
                /** @description Those with one of these values. The subscription that it is for. */
                "subscription_id[in]"?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Invoice"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_invoice: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: "subscription"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7c64-819f-c91074d210f1",
                     *       "number": null,
                     *       "subscription_id": "019c13ec-9e00-71b4-8f96-7cbc9fe88ed0",
                     *       "currency": "EUR",
                     *       "total": 4900,
                     *       "status": "draft",
                     *       "period_start": "2026-01-31T12:00:00+00:00",
                     *       "period_end": "2026-02-28T12:00:00+00:00",
                     *       "issued_at": null,
                     *       "due_at": null,
                     *       "paid_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Invoice"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_lines_of_invoice: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: ("invoice" | "invoice.subscription")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-invoice_id" | "invoice_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["InvoiceLine"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_members: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Member"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_member: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-723e-8ca5-c9f5d0295776",
                     *       "person_id": "019c13ec-9e00-76a9-8d30-150aab2bd91c",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "member",
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    update_member: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "member"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description owner, admin, member, viewer, billing, or the key of a role of the tenant.
                     * @example member
                     */
                    role?: string;
                };
                /**
                 * @example {
                 *       "role": "member"
                 *     }
                 */
                "application/merge-patch+json": {
                    /**
                     * @description owner, admin, member, viewer, billing, or the key of a role of the tenant.
                     * @example member
                     */
                    role?: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-723e-8ca5-c9f5d0295776",
                     *       "person_id": "019c13ec-9e00-76a9-8d30-150aab2bd91c",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "member",
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_impersonations_of_member: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "membership"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-membership_id" | "membership_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Impersonation"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_invitations_of_member: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: ("invited_by_member" | "membership")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description Those with this value. The member who invited. */
                invited_by?: string;
                /** @description Those with one of these values. The member who invited. */
                "invited_by[in]"?: string[];
                /** @description Whether those without a value, or those with one. The member who invited. */
                "invited_by[null]"?: boolean;
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Invitation"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    reactivate_membership: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-723e-8ca5-c9f5d0295776",
                     *       "person_id": "019c13ec-9e00-76a9-8d30-150aab2bd91c",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "member",
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    remove_membership: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-723e-8ca5-c9f5d0295776",
                     *       "person_id": "019c13ec-9e00-76a9-8d30-150aab2bd91c",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "member",
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    suspend_membership: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-723e-8ca5-c9f5d0295776",
                     *       "person_id": "019c13ec-9e00-76a9-8d30-150aab2bd91c",
                     *       "email": "ada@example.com",
                     *       "name": "Ada Lovelace",
                     *       "role": "member",
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_plans: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Name of the plan, for subscriptions. */
                key?: string;
                /** @description Those above this value. Name of the plan, for subscriptions. */
                "key[gt]"?: string;
                /** @description Those from this value on. Name of the plan, for subscriptions. */
                "key[gte]"?: string;
                /** @description Those with one of these values. Name of the plan, for subscriptions. */
                "key[in]"?: string[];
                /** @description Those below this value. Name of the plan, for subscriptions. */
                "key[lt]"?: string;
                /** @description Those up to this value. Name of the plan, for subscriptions. */
                "key[lte]"?: string;
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Those with this value. Plans of higher rank are upgrades. */
                rank?: number;
                /** @description Those above this value. Plans of higher rank are upgrades. */
                "rank[gt]"?: number;
                /** @description Those from this value on. Plans of higher rank are upgrades. */
                "rank[gte]"?: number;
                /** @description Those with one of these values. Plans of higher rank are upgrades. */
                "rank[in]"?: number[];
                /** @description Those below this value. Plans of higher rank are upgrades. */
                "rank[lt]"?: number;
                /** @description Those up to this value. Plans of higher rank are upgrades. */
                "rank[lte]"?: number;
                /** @description Order; - is descending. */
                sort?: "-key" | "key" | "-rank" | "rank";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Plan"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_plan: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Name of the plan, for subscriptions. */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "key": "team",
                     *       "name": "Team",
                     *       "description": "For one team.",
                     *       "rank": 10,
                     *       "currency": "EUR",
                     *       "monthly_price": 4900,
                     *       "trial_days": 14,
                     *       "entitlements": {
                     *         "seats": 10,
                     *         "projects": 25
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Plan"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_projects: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "lead"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description Those with this value. The member who leads it. */
                lead_id?: string;
                /** @description Those with one of these values. The member who leads it. */
                "lead_id[in]"?: string[];
                /** @description Whether those without a value, or those with one. The member who leads it. */
                "lead_id[null]"?: boolean;
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-status" | "status";
                /** @description Those with this value. State in its lifecycle. */
                status?: "active" | "archived" | "deleted";
                /** @description Those with one of these values. State in its lifecycle. */
                "status[in]"?: ("active" | "archived" | "deleted")[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Project"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Rocket",
                 *       "description": "To the moon and back."
                 *     }
                 */
                "application/json": {
                    /**
                     * @description What it is about, up to 10,000 characters.
                     * @example To the moon and back.
                     */
                    description?: string;
                    /**
                     * Format: uuid
                     * @description The member who leads it.
                     */
                    lead_id?: string | null;
                    /**
                     * @description Name, 1 to 200 characters.
                     * @example Rocket
                     */
                    name: string;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-74bb-8464-e755a621788a",
                     *       "name": "Rocket",
                     *       "description": "To the moon and back.",
                     *       "lead_id": null,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Project"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_project: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: "lead"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-74bb-8464-e755a621788a",
                     *       "name": "Rocket",
                     *       "description": "To the moon and back.",
                     *       "lead_id": null,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Project"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    delete_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            204: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    update_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Rocket",
                 *       "description": "To the moon and back."
                 *     }
                 */
                "application/json": {
                    /**
                     * @description What it is about, up to 10,000 characters.
                     * @example To the moon and back.
                     */
                    description?: string;
                    /**
                     * Format: uuid
                     * @description The member who leads it.
                     */
                    lead_id?: string | null;
                    /**
                     * @description Name, 1 to 200 characters.
                     * @example Rocket
                     */
                    name?: string;
                };
                /**
                 * @example {
                 *       "name": "Rocket",
                 *       "description": "To the moon and back."
                 *     }
                 */
                "application/merge-patch+json": {
                    /**
                     * @description What it is about, up to 10,000 characters.
                     * @example To the moon and back.
                     */
                    description?: string;
                    /**
                     * Format: uuid
                     * @description The member who leads it.
                     */
                    lead_id?: string | null;
                    /**
                     * @description Name, 1 to 200 characters.
                     * @example Rocket
                     */
                    name?: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-74bb-8464-e755a621788a",
                     *       "name": "Rocket",
                     *       "description": "To the moon and back.",
                     *       "lead_id": null,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Project"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    archive_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-74bb-8464-e755a621788a",
                     *       "name": "Rocket",
                     *       "description": "To the moon and back.",
                     *       "lead_id": null,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Project"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    restore_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-74bb-8464-e755a621788a",
                     *       "name": "Rocket",
                     *       "description": "To the moon and back.",
                     *       "lead_id": null,
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Project"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_reports: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Report"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "invoices",
                 *       "format": "csv"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description ndjson, one JSON object a line; or csv, with a header.
                     * @example csv
                     * @enum {string}
                     */
                    format?: "ndjson" | "csv";
                    /**
                     * @description events, audit (events with the names of who did it), invoices, members or usage.
                     * @example invoices
                     * @enum {string}
                     */
                    kind: "events" | "audit" | "invoices" | "members" | "usage";
                    /**
                     * Format: date-time
                     * @description Only what happened from then on; all when null.
                     */
                    since?: string | null;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-788a-83a2-5350271bfac1",
                     *       "kind": "invoices",
                     *       "since": null,
                     *       "status": "expired",
                     *       "row_count": null,
                     *       "byte_count": null,
                     *       "error": null,
                     *       "expires_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "format": "csv"
                     *     }
                     */
                    "application/json": components["schemas"]["Report"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_report: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-788a-83a2-5350271bfac1",
                     *       "kind": "invoices",
                     *       "since": null,
                     *       "status": "expired",
                     *       "row_count": null,
                     *       "byte_count": null,
                     *       "error": null,
                     *       "expires_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "format": "csv"
                     *     }
                     */
                    "application/json": components["schemas"]["Report"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    download_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report. */
            200: {
                headers: {
                    /** @description A file name. */
                    "Content-Disposition"?: string;
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_roles: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Role"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_role: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "key": "auditor",
                 *       "name": "Auditor",
                 *       "permissions": [
                 *         "project:read",
                 *         "event:read"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * @description What members, invitations and groups name it by: lower-case letters, digits and _.
                     * @example auditor
                     */
                    key: string;
                    /**
                     * @description Name as people see it.
                     * @example Auditor
                     */
                    name: string;
                    /**
                     * @description What it may do, such as project:read.
                     * @example [
                     *       "project:read",
                     *       "event:read"
                     *     ]
                     */
                    permissions: string[];
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-72e3-8b19-7455ea418446",
                     *       "key": "auditor",
                     *       "name": "Auditor",
                     *       "permissions": [
                     *         "project:read",
                     *         "event:read"
                     *       ],
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Role"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_role: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-72e3-8b19-7455ea418446",
                     *       "key": "auditor",
                     *       "name": "Auditor",
                     *       "permissions": [
                     *         "project:read",
                     *         "event:read"
                     *       ],
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Role"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    delete_role: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            204: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    update_role: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Auditor",
                 *       "permissions": [
                 *         "project:read",
                 *         "event:read"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Name as people see it.
                     * @example Auditor
                     */
                    name?: string;
                    /**
                     * @description What it may do, such as project:read.
                     * @example [
                     *       "project:read",
                     *       "event:read"
                     *     ]
                     */
                    permissions?: string[];
                };
                /**
                 * @example {
                 *       "name": "Auditor",
                 *       "permissions": [
                 *         "project:read",
                 *         "event:read"
                 *       ]
                 *     }
                 */
                "application/merge-patch+json": {
                    /**
                     * @description Name as people see it.
                     * @example Auditor
                     */
                    name?: string;
                    /**
                     * @description What it may do, such as project:read.
                     * @example [
                     *       "project:read",
                     *       "event:read"
                     *     ]
                     */
                    permissions?: string[];
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-72e3-8b19-7455ea418446",
                     *       "key": "auditor",
                     *       "name": "Auditor",
                     *       "permissions": [
                     *         "project:read",
                     *         "event:read"
                     *       ],
                     *       "status": "active",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Role"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_subscriptions: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Subscription"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_subscription: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-797f-8457-30ae726c5d0c",
                     *       "plan": "team",
                     *       "next_plan": null,
                     *       "status": "active",
                     *       "trial_ends_at": "2026-02-14T12:00:00+00:00",
                     *       "anchor": "2026-01-31T12:00:00+00:00",
                     *       "period": 0,
                     *       "current_period_start": "2026-01-31T12:00:00+00:00",
                     *       "current_period_end": "2026-02-14T12:00:00+00:00",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    cancel_subscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-797f-8457-30ae726c5d0c",
                     *       "plan": "team",
                     *       "next_plan": null,
                     *       "status": "active",
                     *       "trial_ends_at": "2026-02-14T12:00:00+00:00",
                     *       "anchor": "2026-01-31T12:00:00+00:00",
                     *       "period": 0,
                     *       "current_period_start": "2026-01-31T12:00:00+00:00",
                     *       "current_period_end": "2026-02-14T12:00:00+00:00",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    downgrade_subscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "plan": "team"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The plan that holds now.
                     * @example team
                     */
                    plan: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-797f-8457-30ae726c5d0c",
                     *       "plan": "team",
                     *       "next_plan": null,
                     *       "status": "active",
                     *       "trial_ends_at": "2026-02-14T12:00:00+00:00",
                     *       "anchor": "2026-01-31T12:00:00+00:00",
                     *       "period": 0,
                     *       "current_period_start": "2026-01-31T12:00:00+00:00",
                     *       "current_period_end": "2026-02-14T12:00:00+00:00",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_invoices_of_subscription: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "subscription"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Those with this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                number?: string;
                /** @description Those above this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[gt]"?: string;
                /** @description Those from this value on. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[gte]"?: string;
                /** @description Those with one of these values. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[in]"?: string[];
                /** @description Those below this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[lt]"?: string;
                /** @description Those up to this value. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[lte]"?: string;
                /** @description Whether those without a value, or those with one. INV-000001 and on, without gaps in a tenant; given when the invoice is finalized. */
                "number[null]"?: boolean;
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-subscription_id" | "subscription_id" | "-status" | "status";
                /** @description Those with this value. State in its lifecycle. */
                status?: "draft" | "open" | "paid" | "uncollectible" | "void";
                /** @description Those with one of these values. State in its lifecycle. */
                "status[in]"?: ("draft" | "open" | "paid" | "uncollectible" | "void")[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Invoice"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    pause_subscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-797f-8457-30ae726c5d0c",
                     *       "plan": "team",
                     *       "next_plan": null,
                     *       "status": "active",
                     *       "trial_ends_at": "2026-02-14T12:00:00+00:00",
                     *       "anchor": "2026-01-31T12:00:00+00:00",
                     *       "period": 0,
                     *       "current_period_start": "2026-01-31T12:00:00+00:00",
                     *       "current_period_end": "2026-02-14T12:00:00+00:00",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    resume_subscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-797f-8457-30ae726c5d0c",
                     *       "plan": "team",
                     *       "next_plan": null,
                     *       "status": "active",
                     *       "trial_ends_at": "2026-02-14T12:00:00+00:00",
                     *       "anchor": "2026-01-31T12:00:00+00:00",
                     *       "period": 0,
                     *       "current_period_start": "2026-01-31T12:00:00+00:00",
                     *       "current_period_end": "2026-02-14T12:00:00+00:00",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    upgrade_subscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "plan": "team"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The plan that holds now.
                     * @example team
                     */
                    plan: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-797f-8457-30ae726c5d0c",
                     *       "plan": "team",
                     *       "next_plan": null,
                     *       "status": "active",
                     *       "trial_ends_at": "2026-02-14T12:00:00+00:00",
                     *       "anchor": "2026-01-31T12:00:00+00:00",
                     *       "period": 0,
                     *       "current_period_start": "2026-01-31T12:00:00+00:00",
                     *       "current_period_end": "2026-02-14T12:00:00+00:00",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_tenants: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Tenant"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_tenant: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7811-8730-6231b83b56fa",
                     *       "name": "Acme Ltd",
                     *       "slug": "acme",
                     *       "status": "active",
                     *       "closes_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "admit_verified_domains": true,
                     *       "default_role": "member",
                     *       "max_session_hours": 168,
                     *       "max_idle_minutes": 1440,
                     *       "allowed_networks": [
                     *         "203.0.113.0/24"
                     *       ],
                     *       "login_methods": [
                     *         "SSO",
                     *         "Passkey"
                     *       ],
                     *       "require_sso": true,
                     *       "stream_audit_log": true,
                     *       "allowed_origins": [
                     *         "https://app.example.com"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    update_tenant: {
        parameters: {
            query?: never;
            header: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match": string;
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Acme Ltd",
                 *       "default_role": "member",
                 *       "max_session_hours": 168,
                 *       "max_idle_minutes": 1440,
                 *       "allowed_networks": [
                 *         "203.0.113.0/24"
                 *       ],
                 *       "login_methods": [
                 *         "SSO",
                 *         "Passkey"
                 *       ],
                 *       "allowed_origins": [
                 *         "https://app.example.com"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified. */
                    admit_verified_domains?: boolean;
                    /**
                     * @description Where members and keys may come from, in CIDR notation; empty for anywhere.
                     * @example [
                     *       "203.0.113.0/24"
                     *     ]
                     */
                    allowed_networks?: string[];
                    /**
                     * @description Origins whose web pages may call the REST API with its credentials; empty for none.
                     * @example [
                     *       "https://app.example.com"
                     *     ]
                     */
                    allowed_origins?: string[];
                    /**
                     * @description The role of who joins without an invitation or a group that gives one.
                     * @example member
                     */
                    default_role?: string;
                    /**
                     * @description How members may sign in, as the identity provider names it; empty for any way.
                     * @example [
                     *       "SSO",
                     *       "Passkey"
                     *     ]
                     */
                    login_methods?: string[];
                    /**
                     * Format: int32
                     * @description How long a session may go unused: 5 to 129600 minutes.
                     * @example 1440
                     */
                    max_idle_minutes?: number;
                    /**
                     * Format: int32
                     * @description How long a session lasts at most: 1 to 2160 hours.
                     * @example 168
                     */
                    max_session_hours?: number;
                    /**
                     * @description Name as people see it.
                     * @example Acme Ltd
                     */
                    name?: string;
                    /** @description Whether members must come by single sign-on. */
                    require_sso?: boolean;
                    /** @description Whether its events go to the audit log of the identity provider, from now on. */
                    stream_audit_log?: boolean;
                };
                /**
                 * @example {
                 *       "name": "Acme Ltd",
                 *       "default_role": "member",
                 *       "max_session_hours": 168,
                 *       "max_idle_minutes": 1440,
                 *       "allowed_networks": [
                 *         "203.0.113.0/24"
                 *       ],
                 *       "login_methods": [
                 *         "SSO",
                 *         "Passkey"
                 *       ],
                 *       "allowed_origins": [
                 *         "https://app.example.com"
                 *       ]
                 *     }
                 */
                "application/merge-patch+json": {
                    /** @description Whether people whom nobody invited become members, when their verified address is of a domain that the organization has verified. */
                    admit_verified_domains?: boolean;
                    /**
                     * @description Where members and keys may come from, in CIDR notation; empty for anywhere.
                     * @example [
                     *       "203.0.113.0/24"
                     *     ]
                     */
                    allowed_networks?: string[];
                    /**
                     * @description Origins whose web pages may call the REST API with its credentials; empty for none.
                     * @example [
                     *       "https://app.example.com"
                     *     ]
                     */
                    allowed_origins?: string[];
                    /**
                     * @description The role of who joins without an invitation or a group that gives one.
                     * @example member
                     */
                    default_role?: string;
                    /**
                     * @description How members may sign in, as the identity provider names it; empty for any way.
                     * @example [
                     *       "SSO",
                     *       "Passkey"
                     *     ]
                     */
                    login_methods?: string[];
                    /**
                     * Format: int32
                     * @description How long a session may go unused: 5 to 129600 minutes.
                     * @example 1440
                     */
                    max_idle_minutes?: number;
                    /**
                     * Format: int32
                     * @description How long a session lasts at most: 1 to 2160 hours.
                     * @example 168
                     */
                    max_session_hours?: number;
                    /**
                     * @description Name as people see it.
                     * @example Acme Ltd
                     */
                    name?: string;
                    /** @description Whether members must come by single sign-on. */
                    require_sso?: boolean;
                    /** @description Whether its events go to the audit log of the identity provider, from now on. */
                    stream_audit_log?: boolean;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7811-8730-6231b83b56fa",
                     *       "name": "Acme Ltd",
                     *       "slug": "acme",
                     *       "status": "active",
                     *       "closes_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "admit_verified_domains": true,
                     *       "default_role": "member",
                     *       "max_session_hours": 168,
                     *       "max_idle_minutes": 1440,
                     *       "allowed_networks": [
                     *         "203.0.113.0/24"
                     *       ],
                     *       "login_methods": [
                     *         "SSO",
                     *         "Passkey"
                     *       ],
                     *       "require_sso": true,
                     *       "stream_audit_log": true,
                     *       "allowed_origins": [
                     *         "https://app.example.com"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    close_tenant: {
        parameters: {
            query?: never;
            header: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match": string;
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7811-8730-6231b83b56fa",
                     *       "name": "Acme Ltd",
                     *       "slug": "acme",
                     *       "status": "active",
                     *       "closes_at": null,
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "admit_verified_domains": true,
                     *       "default_role": "member",
                     *       "max_session_hours": 168,
                     *       "max_idle_minutes": 1440,
                     *       "allowed_networks": [
                     *         "203.0.113.0/24"
                     *       ],
                     *       "login_methods": [
                     *         "SSO",
                     *         "Passkey"
                     *       ],
                     *       "require_sso": true,
                     *       "stream_audit_log": true,
                     *       "allowed_origins": [
                     *         "https://app.example.com"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_usage: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The day, in UTC. */
                day?: string;
                /** @description Those above this value. The day, in UTC. */
                "day[gt]"?: string;
                /** @description Those from this value on. The day, in UTC. */
                "day[gte]"?: string;
                /** @description Those with one of these values. The day, in UTC. */
                "day[in]"?: string[];
                /** @description Those below this value. The day, in UTC. */
                "day[lt]"?: string;
                /** @description Those up to this value. The day, in UTC. */
                "day[lte]"?: string;
                /** @description Those with this value. The feature. */
                feature?: string;
                /** @description Those above this value. The feature. */
                "feature[gt]"?: string;
                /** @description Those from this value on. The feature. */
                "feature[gte]"?: string;
                /** @description Those with one of these values. The feature. */
                "feature[in]"?: string[];
                /** @description Those below this value. The feature. */
                "feature[lt]"?: string;
                /** @description Those up to this value. The feature. */
                "feature[lte]"?: string;
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-feature" | "feature" | "-day" | "day";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Usage"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    use_feature: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "feature": "search"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Name of the feature: lower-case letters, digits and _, up to 100.
                     * @example search
                     */
                    feature: string;
                    /**
                     * Format: int32
                     * @description How often, or how much, in the unit of the feature: 1 to 1,000,000.
                     */
                    quantity?: number | null;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The feature. */
                        feature: string;
                        /**
                         * Format: int64
                         * @description What was added.
                         */
                        quantity: number;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_webhook_endpoints: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookEndpoint"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_webhook_endpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://receiver.example/webhooks",
                 *       "event_types": [
                 *         "invoice.*"
                 *       ],
                 *       "description": "Bookkeeping"
                 *     }
                 */
                "application/json": {
                    /** @description Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>. */
                    channels?: string[] | null;
                    /**
                     * Format: int32
                     * @description Messages at a time at most; null for no limit of its own.
                     */
                    concurrency?: number | null;
                    /**
                     * @description What it is for.
                     * @example Bookkeeping
                     */
                    description?: string | null;
                    /**
                     * @description What it is told of: exact types, all of an entity (invoice.*), or everything (*).
                     * @example [
                     *       "invoice.*"
                     *     ]
                     */
                    event_types?: string[] | null;
                    /** @description One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up. */
                    ordered?: boolean | null;
                    /**
                     * Format: int32
                     * @description Messages a second at most; null for no limit.
                     */
                    rate_limit?: number | null;
                    /** @description Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries. */
                    retry_delays?: number[] | null;
                    /**
                     * Format: uri
                     * @description Where to post: https, without user, password and fragment.
                     * @example https://receiver.example/webhooks
                     */
                    url: string;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": (components["schemas"]["WebhookEndpoint"] | {
                        /** Format: uuid */
                        id: string;
                    }) & {
                        secret: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_webhook_endpoint: {
        parameters: {
            query?: {
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7262-8460-5e0c123fd08d",
                     *       "url": "https://receiver.example/webhooks",
                     *       "description": "Bookkeeping",
                     *       "event_types": [
                     *         "invoice.*"
                     *       ],
                     *       "status": "disabled",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "channels": [],
                     *       "ordered": true,
                     *       "rate_limit": null,
                     *       "concurrency": null,
                     *       "retry_delays": [],
                     *       "disabled_reason": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    update_webhook_endpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://receiver.example/webhooks",
                 *       "description": "Bookkeeping",
                 *       "event_types": [
                 *         "invoice.*"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>. */
                    channels?: string[];
                    /**
                     * Format: int32
                     * @description Messages at a time at most; null for no limit of its own.
                     */
                    concurrency?: number | null;
                    /**
                     * @description What it is for.
                     * @example Bookkeeping
                     */
                    description?: string;
                    /**
                     * @description What it is told of: exact types, all of an entity (invoice.*), or everything (*).
                     * @example [
                     *       "invoice.*"
                     *     ]
                     */
                    event_types?: string[];
                    /** @description One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up. */
                    ordered?: boolean;
                    /**
                     * Format: int32
                     * @description Messages a second at most; null for no limit.
                     */
                    rate_limit?: number | null;
                    /** @description Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries. */
                    retry_delays?: number[];
                    /**
                     * Format: uri
                     * @description Where to post: https, without user, password and fragment.
                     * @example https://receiver.example/webhooks
                     */
                    url?: string;
                };
                /**
                 * @example {
                 *       "url": "https://receiver.example/webhooks",
                 *       "description": "Bookkeeping",
                 *       "event_types": [
                 *         "invoice.*"
                 *       ]
                 *     }
                 */
                "application/merge-patch+json": {
                    /** @description Only events of these channels; {} for all. Each event is in the channel of its resource, such as project:<id>, and some in one more, such as subscription:<id>. */
                    channels?: string[];
                    /**
                     * Format: int32
                     * @description Messages at a time at most; null for no limit of its own.
                     */
                    concurrency?: number | null;
                    /**
                     * @description What it is for.
                     * @example Bookkeeping
                     */
                    description?: string;
                    /**
                     * @description What it is told of: exact types, all of an entity (invoice.*), or everything (*).
                     * @example [
                     *       "invoice.*"
                     *     ]
                     */
                    event_types?: string[];
                    /** @description One message after the other, in the order of events: one that fails holds up those after it until it succeeds or is given up. */
                    ordered?: boolean;
                    /**
                     * Format: int32
                     * @description Messages a second at most; null for no limit.
                     */
                    rate_limit?: number | null;
                    /** @description Seconds to wait before each further attempt, each +-20 %; with the first attempt there is one more than delays. {} for no retries. */
                    retry_delays?: number[];
                    /**
                     * Format: uri
                     * @description Where to post: https, without user, password and fragment.
                     * @example https://receiver.example/webhooks
                     */
                    url?: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7262-8460-5e0c123fd08d",
                     *       "url": "https://receiver.example/webhooks",
                     *       "description": "Bookkeeping",
                     *       "event_types": [
                     *         "invoice.*"
                     *       ],
                     *       "status": "disabled",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "channels": [],
                     *       "ordered": true,
                     *       "rate_limit": null,
                     *       "concurrency": null,
                     *       "retry_delays": [],
                     *       "disabled_reason": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_attempts_of_webhook_endpoint: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The delivery that it was of. */
                delivery_id?: string;
                /** @description Those with one of these values. The delivery that it was of. */
                "delivery_id[in]"?: string[];
                /** @description Show in full what is referred to. */
                expand?: ("delivery" | "delivery.endpoint" | "delivery.event" | "endpoint")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-delivery_id" | "delivery_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeliveryAttempt"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_deliveries_of_webhook_endpoint: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The event; evt_ and this id is the webhook-id, the same on every attempt. */
                event_id?: string;
                /** @description Those with one of these values. The event; evt_ and this id is the webhook-id, the same on every attempt. */
                "event_id[in]"?: string[];
                /** @description Show in full what is referred to. */
                expand?: ("endpoint" | "event")[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-event_id" | "event_id" | "-status" | "status";
                /** @description Those with this value. State in its lifecycle. */
                status?: "pending" | "succeeded" | "failed";
                /** @description Those with one of these values. State in its lifecycle. */
                "status[in]"?: ("pending" | "succeeded" | "failed")[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    disable_webhook_endpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7262-8460-5e0c123fd08d",
                     *       "url": "https://receiver.example/webhooks",
                     *       "description": "Bookkeeping",
                     *       "event_types": [
                     *         "invoice.*"
                     *       ],
                     *       "status": "disabled",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "channels": [],
                     *       "ordered": true,
                     *       "rate_limit": null,
                     *       "concurrency": null,
                     *       "retry_delays": [],
                     *       "disabled_reason": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    enable_webhook_endpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7262-8460-5e0c123fd08d",
                     *       "url": "https://receiver.example/webhooks",
                     *       "description": "Bookkeeping",
                     *       "event_types": [
                     *         "invoice.*"
                     *       ],
                     *       "status": "disabled",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00",
                     *       "channels": [],
                     *       "ordered": true,
                     *       "rate_limit": null,
                     *       "concurrency": null,
                     *       "retry_delays": [],
                     *       "disabled_reason": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_headers_of_webhook_endpoint: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-endpoint_id" | "endpoint_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookHeader"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    set_webhook_header: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description Identifier. */
                id: string;
                /** @description Name of the header, in lower case. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "value": "value"
                 *     }
                 */
                "application/json": {
                    value: string;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7ed1-8f7f-f3c2e0703748",
                     *       "endpoint_id": "019c13ec-9e00-7263-84a0-92828100739f",
                     *       "name": "name",
                     *       "created_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookHeader"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    remove_webhook_header: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description Identifier. */
                id: string;
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            204: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_replays_of_webhook_endpoint: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-endpoint_id" | "endpoint_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookReplay"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_signing_keys_of_webhook_endpoint: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-endpoint_id" | "endpoint_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookSigningKey"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    rotate_webhook_signing_key: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": {
                    /** Format: int32 */
                    grace_hours?: number | null;
                    /**
                     * @description v1: HMAC-SHA256 with a secret (whsec_). v1a: ed25519, verified with the public key (whpk_).
                     * @enum {string|null}
                     */
                    scheme?: "v1" | "v1a" | null;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": (components["schemas"]["WebhookSigningKey"] | {
                        /** Format: uuid */
                        id: string;
                    }) & {
                        /** Format: date-time */
                        former_expires_at: string | null;
                        secret: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    webhook_endpoint_statistics: {
        parameters: {
            query?: {
                /** @description Over the last hours, 1 to 8,760. */
                hours?: number;
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: int32
                         * @description Attempts made.
                         */
                        attempts: number | null;
                        /**
                         * Format: int32
                         * @description Deliveries that wait for their first or next attempt; counted up to 100,000.
                         */
                        backlog: number | null;
                        /**
                         * Format: int32
                         * @description Deliveries that were given up, of all that are in sight; counted up to 100,000.
                         */
                        failed: number | null;
                        /**
                         * Format: date-time
                         * @description Since when nothing but failures came of it; null while it does well.
                         */
                        failing_since: string | null;
                        /**
                         * Format: int32
                         * @description Half of the attempts took no longer.
                         */
                        latency_p50_ms: number | null;
                        /**
                         * Format: int32
                         * @description 95 of 100 attempts took no longer.
                         */
                        latency_p95_ms: number | null;
                        /**
                         * Format: date-time
                         * @description When it is tried again, if it failed so often that its deliveries are held back.
                         */
                        resumes_at: string | null;
                        /**
                         * Format: int32
                         * @description Attempts that the receiver accepted.
                         */
                        succeeded: number | null;
                        /** @description Share of attempts that it accepted, 0 to 1; null without attempts. */
                        success_rate: number | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    send_test_event: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": {
                    message?: string | null;
                };
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7ac1-8c47-7517456f5f55",
                     *       "event_id": "019c13ec-9e00-7083-84b1-b739b84ac10b",
                     *       "endpoint_id": null,
                     *       "task": null,
                     *       "status": "pending",
                     *       "attempt_count": 1,
                     *       "schedule_start": 1,
                     *       "next_attempt_at": null,
                     *       "last_error": null,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_webhook_headers: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The endpoint that it is sent to. */
                endpoint_id?: string;
                /** @description Those with one of these values. The endpoint that it is sent to. */
                "endpoint_id[in]"?: string[];
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-endpoint_id" | "endpoint_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookHeader"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_webhook_header: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7ed1-8f7f-f3c2e0703748",
                     *       "endpoint_id": "019c13ec-9e00-7263-84a0-92828100739f",
                     *       "name": "name",
                     *       "created_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookHeader"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_webhook_replays: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The endpoint that is told; it must be enabled. */
                endpoint_id?: string;
                /** @description Those with one of these values. The endpoint that is told; it must be enabled. */
                "endpoint_id[in]"?: string[];
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-endpoint_id" | "endpoint_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookReplay"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    create_webhook_replay: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "endpoint_id": "019c13ec-9e00-7ab8-8420-bef6a2c1e7e8",
                 *       "since": "2026-01-31T12:00:00+00:00"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: uuid
                     * @description The endpoint that is told; it must be enabled.
                     */
                    endpoint_id: string;
                    /** @description Only deliveries that were given up. */
                    failed_only?: boolean;
                    /**
                     * Format: date-time
                     * @description Events from then on, as far back as the plan keeps them in sight.
                     */
                    since: string;
                    /**
                     * Format: date-time
                     * @description Events before that; the time of the request when not given.
                     */
                    until?: string;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7078-8d4b-bb124a95ec36",
                     *       "endpoint_id": "019c13ec-9e00-7ab8-8420-bef6a2c1e7e8",
                     *       "since": "2026-01-31T12:00:00+00:00",
                     *       "until": "2026-01-31T12:00:00+00:00",
                     *       "failed_only": true,
                     *       "status": "canceled",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReplay"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_webhook_replay: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description The ETag that you have: 304 when it is still the present one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7078-8d4b-bb124a95ec36",
                     *       "endpoint_id": "019c13ec-9e00-7ab8-8420-bef6a2c1e7e8",
                     *       "since": "2026-01-31T12:00:00+00:00",
                     *       "until": "2026-01-31T12:00:00+00:00",
                     *       "failed_only": true,
                     *       "status": "canceled",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReplay"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            /** @description You have it already. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    cancel_webhook_replay: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
                /** @description A name of your own for this request, such as a UUID. Sent again within 24 hours it is done once, and answered as it was. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description The ETag of the version that is to be changed.
                 * @example "1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7078-8d4b-bb124a95ec36",
                     *       "endpoint_id": "019c13ec-9e00-7ab8-8420-bef6a2c1e7e8",
                     *       "since": "2026-01-31T12:00:00+00:00",
                     *       "until": "2026-01-31T12:00:00+00:00",
                     *       "failed_only": true,
                     *       "status": "canceled",
                     *       "version": 1,
                     *       "created_at": "2026-01-31T12:00:00+00:00",
                     *       "updated_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReplay"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    list_webhook_signing_keys: {
        parameters: {
            query?: {
                /** @description Go on where next_cursor of another page says. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Those with this value. The endpoint whose messages it signs. */
                endpoint_id?: string;
                /** @description Those with one of these values. The endpoint whose messages it signs. */
                "endpoint_id[in]"?: string[];
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
                /** @description Those with this value. Identifier. */
                id?: string;
                /** @description Those with one of these values. Identifier. */
                "id[in]"?: string[];
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Order; - is descending. */
                sort?: "-id" | "id" | "-endpoint_id" | "endpoint_id";
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookSigningKey"][];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                    "application/json; profile=\"sparse\"": {
                        data: Record<string, never>[];
                        /** @description Whether there is another page. */
                        has_more: boolean;
                        /** @description Where the next page begins. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    get_webhook_signing_key: {
        parameters: {
            query?: {
                /** @description Show in full what is referred to. */
                expand?: "endpoint"[];
                /** @description Show these fields alone; those of what is expanded by their path, such as lead.name. */
                fields?: string[];
            };
            header?: {
                /** @description The version of the API that is meant, by its date. Without: the newest. */
                "Freehold-Version"?: components["parameters"]["Version"];
            };
            path: {
                /** @description Identifier. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    "Freehold-Version": components["headers"]["Freehold-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019c13ec-9e00-7709-87b2-138af32963f0",
                     *       "endpoint_id": "019c13ec-9e00-7a01-87db-472e307ca6a9",
                     *       "scheme": "v1",
                     *       "public_key": null,
                     *       "expires_at": null,
                     *       "created_at": "2026-01-31T12:00:00+00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookSigningKey"];
                    "application/json; profile=\"sparse\"": Record<string, never>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
}
