/* Made from the OpenAPI document; not written by hand. */
export interface paths {
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is signed in
         * @description Answers 200 without sign-in too. For: anyone.
         */
        get: operations["get__api_v1_session"];
        put?: never;
        /**
         * Sign in
         * @description The token goes into `Authorization: Bearer`. Browsers get the same session as an HttpOnly cookie; then every request that changes something carries `csrfToken` in the header `X-CSRF-Token`. For: anyone.
         */
        post: operations["post__api_v1_session"];
        /**
         * Sign out
         * @description For: everyone. Not with an API token.
         */
        delete: operations["delete__api_v1_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My API tokens
         * @description For: everyone. Not with an API token.
         */
        get: operations["get__api_v1_tokens"];
        put?: never;
        /**
         * Make an API token for a program
         * @description Scopes: domains:read, domains:write, accounts:read, accounts:write, groups:read, groups:write, lists:read, lists:write, approvals:read, approvals:write, quarantine:read, quarantine:write, mails:read, content:read, archive:read, archive:write, refusals:read, queue:read, queue:write, policies:read, policies:write, usage:read, alarms:read, alarms:write, projections:read, projections:write, reactions:read, reactions:write, audit:read, metrics:read. A token may never do more than its account. The token itself is shown this once. For: everyone. Not with an API token.
         */
        post: operations["post__api_v1_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API token
         * @description For: everyone. Not with an API token.
         */
        delete: operations["delete__api_v1_tokens_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hosted domains
         * @description For: admin, domain-admin. Scope of a token: domains:read.
         */
        get: operations["get__api_v1_domains"];
        put?: never;
        /**
         * Host a domain
         * @description For: admin. Scope of a token: domains:write.
         */
        post: operations["post__api_v1_domains"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A hosted domain
         * @description For: admin, domain-admin. Scope of a token: domains:read.
         */
        get: operations["get__api_v1_domains_domain"];
        put?: never;
        post?: never;
        /**
         * Host a domain no longer
         * @description Only when it has no address any more. For: admin. Scope of a token: domains:write.
         */
        delete: operations["delete__api_v1_domains_domain"];
        options?: never;
        head?: never;
        /**
         * Change settings of a domain
         * @description Where its mailboxes are (`mailboxHost` and its password), who knows its recipients (`recipientSource`), what its accounts may send (`sendingQuota`) and whether their mail is archived (`archiveByDefault`) is for administrators. For: admin, domain-admin. Scope of a token: domains:write.
         */
        patch: operations["patch__api_v1_domains_domain"];
        trace?: never;
    };
    "/api/v1/domains/{domain}/directory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where the copy of an LDAP directory stands
         * @description For: admin, domain-admin. Scope of a token: domains:read.
         */
        get: operations["get__api_v1_domains_domain_directory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/directory/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Copy the domain's LDAP directory now
         * @description It is copied every night anyway. When more accounts are gone from it than policy lets go at once, nothing is done and an alarm is raised, unless `acceptRemovals` says that it is right. For: admin, domain-admin. Scope of a token: domains:write.
         */
        post: operations["post__api_v1_domains_domain_directory_sync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/dkim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * DKIM keys, their records, and which of them sign
         * @description For: admin, domain-admin. Scope of a token: domains:read.
         */
        get: operations["get__api_v1_domains_domain_dkim"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/dkim/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make new DKIM keys, to take the place of those that sign
         * @description Publish their records: as soon as they are seen, mail is signed with the new keys. The records of the old ones have to stay for a while after that. For: admin, domain-admin. Scope of a token: domains:write.
         */
        post: operations["post__api_v1_domains_domain_dkim_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/dkim/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign with these keys from now on, published or not
         * @description Needed only where their records can not be seen from here: signatures whose record nobody finds are worth nothing. For: admin, domain-admin. Scope of a token: domains:write.
         */
        post: operations["post__api_v1_domains_domain_dkim_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/dkim/retire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Never sign with this key again; its private part is forgotten
         * @description For: admin, domain-admin. Scope of a token: domains:write.
         */
        post: operations["post__api_v1_domains_domain_dkim_retire"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the DNS says of a domain, compared with what it should say
         * @description MX, the addresses that mail is sent from and their names, SPF, DKIM, DMARC, MTA-STS and TLS reports. Asks the DNS now, which may take some seconds. What the DNS gives no answer to is `unknown`, never `missing`. For: admin, domain-admin. Scope of a token: domains:read.
         */
        get: operations["get__api_v1_domains_domain_check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Accounts
         * @description For: admin, domain-admin. Scope of a token: accounts:read.
         */
        get: operations["get__api_v1_accounts"];
        put?: never;
        /**
         * Make an account
         * @description Roles but `user` only from an administrator; `compliance` waits for a second person (see `approvals` of the answer). For: admin, domain-admin. Scope of a token: accounts:write.
         */
        post: operations["post__api_v1_accounts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An account
         * @description For: admin, domain-admin, self. Scope of a token: accounts:read.
         */
        get: operations["get__api_v1_accounts_address"];
        put?: never;
        post?: never;
        /**
         * Remove an account
         * @description Its address is free then, its sessions are over; its mail and its events stay. For: admin, domain-admin. Scope of a token: accounts:write.
         */
        delete: operations["delete__api_v1_accounts_address"];
        options?: never;
        head?: never;
        /**
         * Change an account
         * @description Roles only by an administrator and never one's own; the role `compliance` and an officer's password only with a second administrator's approval, or, where there is but one, after a delay. For: admin, domain-admin. Scope of a token: accounts:write.
         */
        patch: operations["patch__api_v1_accounts_address"];
        trace?: never;
    };
    "/api/v1/accounts/{address}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change my password
         * @description All sessions end. For: self. Not with an API token.
         */
        post: operations["post__api_v1_accounts_address_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/app-passwords": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * App passwords of an account
         * @description For: self, admin, domain-admin. Scope of a token: accounts:read.
         */
        get: operations["get__api_v1_accounts_address_app_passwords"];
        put?: never;
        /**
         * Make an app password
         * @description For one device: a mail client signs in with it to send mail, and to nothing else. It is shown this once. It holds until it is revoked, through changes of the account’s password too. For: self. Not with an API token.
         */
        post: operations["post__api_v1_accounts_address_app_passwords"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/app-passwords/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an app password
         * @description Sessions that were opened with it send nothing more. For: self, admin, domain-admin. Scope of a token: accounts:write.
         */
        delete: operations["delete__api_v1_accounts_address_app_passwords_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Groups
         * @description For: domain-admin. Scope of a token: groups:read.
         */
        get: operations["get__api_v1_groups"];
        put?: never;
        /**
         * Make a group
         * @description Mail to a group becomes mail to each member. Members are accounts, aliases and groups of hosted domains, and addresses outside if the policy `accounts` lets them. For: domain-admin. Scope of a token: groups:write.
         */
        post: operations["post__api_v1_groups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A group
         * @description For: domain-admin. Scope of a token: groups:read.
         */
        get: operations["get__api_v1_groups_address"];
        put?: never;
        post?: never;
        /**
         * Remove a group
         * @description For: domain-admin. Scope of a token: groups:write.
         */
        delete: operations["delete__api_v1_groups_address"];
        options?: never;
        head?: never;
        /**
         * Change a group
         * @description For: domain-admin. Scope of a token: groups:write.
         */
        patch: operations["patch__api_v1_groups_address"];
        trace?: never;
    };
    "/api/v1/domains/{domain}/allow-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entries of the allow list of a domain
         * @description For: domain-admin. Scope of a token: lists:read.
         */
        get: operations["get__api_v1_domains_domain_allow_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/allow-list/{entry}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put a sender on the allow list of a domain
         * @description An entry is `local@domain`, `@domain` or `.domain` (with subdomains). Putting it on one list takes the equal one off the other. For: domain-admin. Scope of a token: lists:write.
         */
        put: operations["put__api_v1_domains_domain_allow_list_entry"];
        post?: never;
        /**
         * Take a sender off the allow list of a domain
         * @description For: domain-admin. Scope of a token: lists:write.
         */
        delete: operations["delete__api_v1_domains_domain_allow_list_entry"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/allow-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entries of the allow list of a mailbox
         * @description For: self, domain-admin. Scope of a token: lists:read.
         */
        get: operations["get__api_v1_accounts_address_allow_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/allow-list/{entry}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put a sender on the allow list of a mailbox
         * @description An entry is `local@domain`, `@domain` or `.domain` (with subdomains). Putting it on one list takes the equal one off the other. For: self, domain-admin. Scope of a token: lists:write.
         */
        put: operations["put__api_v1_accounts_address_allow_list_entry"];
        post?: never;
        /**
         * Take a sender off the allow list of a mailbox
         * @description For: self, domain-admin. Scope of a token: lists:write.
         */
        delete: operations["delete__api_v1_accounts_address_allow_list_entry"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/block-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entries of the block list of a domain
         * @description For: domain-admin. Scope of a token: lists:read.
         */
        get: operations["get__api_v1_domains_domain_block_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/block-list/{entry}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put a sender on the block list of a domain
         * @description An entry is `local@domain`, `@domain` or `.domain` (with subdomains). Putting it on one list takes the equal one off the other. For: domain-admin. Scope of a token: lists:write.
         */
        put: operations["put__api_v1_domains_domain_block_list_entry"];
        post?: never;
        /**
         * Take a sender off the block list of a domain
         * @description For: domain-admin. Scope of a token: lists:write.
         */
        delete: operations["delete__api_v1_domains_domain_block_list_entry"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/block-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entries of the block list of a mailbox
         * @description For: self, domain-admin. Scope of a token: lists:read.
         */
        get: operations["get__api_v1_accounts_address_block_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/block-list/{entry}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put a sender on the block list of a mailbox
         * @description An entry is `local@domain`, `@domain` or `.domain` (with subdomains). Putting it on one list takes the equal one off the other. For: self, domain-admin. Scope of a token: lists:write.
         */
        put: operations["put__api_v1_accounts_address_block_list_entry"];
        post?: never;
        /**
         * Take a sender off the block list of a mailbox
         * @description For: self, domain-admin. Scope of a token: lists:write.
         */
        delete: operations["delete__api_v1_accounts_address_block_list_entry"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What waits for a second person
         * @description For: admin, compliance. Scope of a token: approvals:read.
         */
        get: operations["get__api_v1_approvals"];
        put?: never;
        /**
         * Ask a second officer for a search across accounts, or an export
         * @description Where policy wants four eyes (`archive.fourEyes`); with the reason in `Mailkeep-Reason`. Once it is approved its id goes into `Mailkeep-Approval`, until the time that policy gives it is over. For: compliance. Scope of a token: approvals:write.
         */
        post: operations["post__api_v1_approvals"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An approval
         * @description For: admin, compliance. Scope of a token: approvals:read.
         */
        get: operations["get__api_v1_approvals_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve; the change takes effect at once
         * @description Never by the person who asked, nor by the account it is about. For: admin, compliance. Scope of a token: approvals:write.
         */
        post: operations["post__api_v1_approvals_id_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{id}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse
         * @description For: admin, compliance. Scope of a token: approvals:write.
         */
        post: operations["post__api_v1_approvals_id_refuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release many
         * @description Each stands alone: one that fails stops none of the others. For: self, domain-admin. Scope of a token: quarantine:write.
         */
        post: operations["post__api_v1_quarantine_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Discard many
         * @description For: self, domain-admin. Scope of a token: quarantine:write.
         */
        post: operations["post__api_v1_quarantine_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is held
         * @description Newest first. A user sees what is held for them, an administrator what is held in the domain. For: self, domain-admin. Scope of a token: quarantine:read.
         */
        get: operations["get__api_v1_quarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{mail}/{recipient}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One held mail of one recipient
         * @description For: self, domain-admin. Scope of a token: quarantine:read.
         */
        get: operations["get__api_v1_quarantine_mail_recipient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{mail}/{recipient}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release: scanned again, then delivered to the inbox
         * @description With `trustSender` the sender joins the allow list. Viruses are released by an administrator only, with a reason. For: self, domain-admin. Scope of a token: quarantine:write.
         */
        post: operations["post__api_v1_quarantine_mail_recipient_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{mail}/{recipient}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Discard for good
         * @description A `reason` goes into the log of the process, beside who acted. For: self, domain-admin. Scope of a token: quarantine:write.
         */
        post: operations["post__api_v1_quarantine_mail_recipient_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{mail}/{recipient}/block-sender": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put the sender on the recipient's block list
         * @description For: self, domain-admin. Scope of a token: quarantine:write.
         */
        post: operations["post__api_v1_quarantine_mail_recipient_block_sender"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{mail}/{recipient}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a held mail as plain text
         * @description For its recipient only, and not while it is held as a virus. Each reading is recorded. For: self, domain-admin. Scope of a token: quarantine:read.
         */
        get: operations["get__api_v1_quarantine_mail_recipient_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/mails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find mails: the trace
         * @description Newest first. A user finds their own mail and of it their own recipient's part; a domain administrator that of the domain. An item has no `events`: GET /mails/{mail} gives them. For: admin, domain-admin, self. Scope of a token: mails:read.
         */
        get: operations["get__api_v1_mails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/mails/{mail}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A mail, folded from its stream, with every event
         * @description For: admin, domain-admin, self. Scope of a token: mails:read.
         */
        get: operations["get__api_v1_mails_mail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/mails/{mail}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The message, byte for byte as it was accepted
         * @description A user reads their own (what they sent as they submitted it, what they got as it went out), unless it is held as a virus. A compliance officer reads any, with the reason in `Mailkeep-Reason`. Each reading is recorded before it is answered. For: compliance, self. Scope of a token: content:read.
         */
        get: operations["get__api_v1_mails_mail_content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/refusals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was turned away before acceptance
         * @description Newest first. A domain administrator sees what was meant for the domain. For: admin, domain-admin. Scope of a token: refusals:read.
         */
        get: operations["get__api_v1_refusals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What waits for delivery
         * @description What is undeliverable waits for an administrator; it is listed when it is asked for. For: admin. Scope of a token: queue:read.
         */
        get: operations["get__api_v1_queue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What waits for delivery, by destination
         * @description For: admin. Scope of a token: queue:read.
         */
        get: operations["get__api_v1_queue_destinations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/{mail}/{recipient}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One mail that waits, for one recipient
         * @description For: admin. Scope of a token: queue:read.
         */
        get: operations["get__api_v1_queue_mail_recipient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/{mail}/{recipient}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try the next delivery now
         * @description A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_mail_recipient_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/{mail}/{recipient}/bounce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give up on it
         * @description A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_mail_recipient_bounce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/{mail}/{recipient}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop delivery attempts
         * @description A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_mail_recipient_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/{mail}/{recipient}/unhold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with delivery attempts
         * @description A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_mail_recipient_unhold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try the next delivery of many now
         * @description One attempt is made even where the destination is left alone because it was away. What is held is not tried: unhold it first. All criteria must match. Each entry stands alone. A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/bounce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give up on many
         * @description Their submitters are told, as of a single one. All criteria must match. Each entry stands alone. A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_bounce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop delivery attempts of many
         * @description What comes later is not held. All criteria must match. Each entry stands alone. A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/unhold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with delivery attempts of many
         * @description What was due meanwhile is tried at once. All criteria must match. Each entry stands alone. A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_unhold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/{mail}/{recipient}/redirect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver what is undeliverable to another mailbox
         * @description A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_mail_recipient_redirect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/{mail}/{recipient}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Discard what is undeliverable
         * @description A `reason` goes into the log of the process, beside who acted. For: admin. Scope of a token: queue:write.
         */
        post: operations["post__api_v1_queue_mail_recipient_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/simulations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Simulations, and what came of them
         * @description For: admin. Scope of a token: policies:read.
         */
        get: operations["get__api_v1_policies_simulations"];
        put?: never;
        /**
         * What another policy would have made of the mail of the past
         * @description Changes nothing. `changes` are by policy (inspection, edge): what is in them takes the place of what is in force, all else stays. From the evidence of each verdict; where that does not tell, the outcome is unknown. `from` and `to`: when the mails were accepted; default: the last 30 days. For: admin. Scope of a token: policies:write.
         */
        post: operations["post__api_v1_policies_simulations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/simulations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A simulation: how far it is, and what it found
         * @description For: admin. Scope of a token: policies:read.
         */
        get: operations["get__api_v1_policies_simulations_id"];
        put?: never;
        post?: never;
        /**
         * Cancel a simulation; what it found so far stays
         * @description For: admin. Scope of a token: policies:write.
         */
        delete: operations["delete__api_v1_policies_simulations_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All policies as they are
         * @description For: admin. Scope of a token: policies:read.
         */
        get: operations["get__api_v1_policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A policy as it is, defaults filled in
         * @description For: admin. Scope of a token: policies:read.
         */
        get: operations["get__api_v1_policies_name"];
        /**
         * Set a policy
         * @description The whole document; what is left out gets its default. It holds from the next SMTP command on, and the reason stays with the version. What GET answers can be changed and sent back: its `version` is then the one expected to be in force. For: admin. Scope of a token: policies:write.
         */
        put: operations["put__api_v1_policies_name"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{name}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a policy came to be what it is
         * @description For: admin. Scope of a token: policies:read.
         */
        get: operations["get__api_v1_policies_name_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Today's mails and recipients against the quota
         * @description For: self, admin. Scope of a token: usage:read.
         */
        get: operations["get__api_v1_usage_address"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/{address}/raise": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let an account send more today
         * @description Until its day ends; what is not named stays as it is. For a day the quota is only raised: less than what holds is refused. For: admin, domain-admin. Scope of a token: accounts:write.
         */
        post: operations["post__api_v1_usage_address_raise"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/archive/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whose mail is archived: subscription, quota, retention, holds
         * @description Everybody who has an account, and those who are gone and whose archive stays. Administrators learn that there is a hold, officers what it is about. For: admin, compliance. Scope of a token: archive:read.
         */
        get: operations["get__api_v1_archive_accounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/archive/accounts/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An archive account
         * @description For: admin, compliance. Scope of a token: archive:read.
         */
        get: operations["get__api_v1_archive_accounts_address"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Set what the archive keeps of an account
         * @description Subscription, quota and retention are for administrators; holds for compliance officers, with the reason in `Mailkeep-Reason`. A longer retention holds for what is there, too; a shorter one for what comes. `holds` places those that are not there yet and lifts none: name what is to be lifted in `liftHolds`. For: admin, compliance. Scope of a token: archive:write.
         */
        patch: operations["patch__api_v1_archive_accounts_address"];
        trace?: never;
    };
    "/api/v1/archive/accounts/{address}/readers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who else looked into an archive
         * @description Compliance officers; the account itself where policy `archive.readersShown` says so, without queries, reasons and approvals. For: self, compliance. Scope of a token: archive:read.
         */
        get: operations["get__api_v1_archive_accounts_address_readers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/archive/mails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Archived mail: all, or what a query finds
         * @description What may be in `q` is on the page docs/searching.md. Without it all mail, the newest first. A user sees their own. A compliance officer sees all, or those of one `account`, with the reason in `Mailkeep-Reason`; where policy wants four eyes, all of them only with an approved request in `Mailkeep-Approval`. Each answer is recorded before it leaves. For: compliance, self. Scope of a token: archive:read.
         */
        get: operations["get__api_v1_archive_mails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/archive/mails/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An archived mail: its envelope, its verdict, how it was authenticated
         * @description Of what somebody received they see their own part of the envelope, of what they sent all of it; a compliance officer, with the reason in `Mailkeep-Reason`, all of any. For: compliance, self. Scope of a token: archive:read.
         */
        get: operations["get__api_v1_archive_mails_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/archive/mails/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The archived message, byte for byte
         * @description What a user sent as they submitted it, what they received as it came, or as it went out to them. A compliance officer reads any, with the reason in `Mailkeep-Reason`. Each reading is recorded before it is answered. For: compliance, self. Scope of a token: content:read.
         */
        get: operations["get__api_v1_archive_mails_id_content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alarms
         * @description For: admin. Scope of a token: alarms:read.
         */
        get: operations["get__api_v1_alarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms/{id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Somebody has seen it
         * @description For: admin. Scope of a token: alarms:write.
         */
        post: operations["post__api_v1_alarms_id_acknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The views and how far they have read
         * @description For: admin. Scope of a token: projections:read.
         */
        get: operations["get__api_v1_projections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projections/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One view
         * @description For: admin. Scope of a token: projections:read.
         */
        get: operations["get__api_v1_projections_name"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projections/{name}/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Build a view anew from the log, beside the live one, then swap
         * @description For: admin. Scope of a token: projections:write.
         */
        post: operations["post__api_v1_projections_name_rebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projections/{name}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Build it anew beside the live one and compare both
         * @description Answers when the comparison is made: with a long log, after a while. For: admin. Scope of a token: projections:write.
         */
        post: operations["post__api_v1_projections_name_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The reaction groups, and what they have set aside
         * @description For: admin. Scope of a token: reactions:read.
         */
        get: operations["get__api_v1_reactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reactions/{name}/parked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a reaction set aside, and why
         * @description For: admin. Scope of a token: reactions:read.
         */
        get: operations["get__api_v1_reactions_name_parked"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reactions/{name}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put back what a reaction set aside
         * @description All of it, or the events named. For: admin. Scope of a token: reactions:write.
         */
        post: operations["post__api_v1_reactions_name_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The events of the log, one JSON object a line
         * @description In log order after `after`. The last line is `{"position": ...}`: how far was looked, the next request's `after`. Secrets are left out. For: admin, compliance. Scope of a token: audit:read.
         */
        get: operations["get__api_v1_audit_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The process answers
         * @description For: anyone.
         */
        get: operations["get__health_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every listener is up and the views have caught up
         * @description A view that an event has stopped is named with the event; the others go on. For: anyone.
         */
        get: operations["get__health_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description From loopback, or by an administrator, or with a token of the scope `metrics:read`. For: anyone.
         */
        get: operations["get__metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This API as OpenAPI 3.1
         * @description For: anyone.
         */
        get: operations["get__api_v1_openapi_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This API for reading
         * @description For: anyone.
         */
        get: operations["get__api_v1_docs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/digest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When an account gets its digest
         * @description For: self, domain-admin. Scope of a token: lists:read.
         */
        get: operations["get__api_v1_accounts_address_digest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change when an account gets its digest
         * @description What is not named stays as it is. A change counts from the next time on. For: self, domain-admin. Scope of a token: lists:write.
         */
        patch: operations["patch__api_v1_accounts_address_digest"];
        trace?: never;
    };
    "/api/v1/accounts/{address}/digest/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a digest now
         * @description Of what came since the last one; the next one tells the same again. For: self, domain-admin. Scope of a token: lists:write.
         */
        post: operations["post__api_v1_accounts_address_digest_send"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{address}/digest/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a digest would say now
         * @description For the account itself, for its links act. For: self. Not with an API token.
         */
        get: operations["get__api_v1_accounts_address_digest_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{domain}/digest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When accounts of a domain get their digest unless they say otherwise
         * @description For: domain-admin. Scope of a token: lists:read.
         */
        get: operations["get__api_v1_domains_domain_digest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change when accounts of a domain get their digest
         * @description For: domain-admin. Scope of a token: lists:write.
         */
        patch: operations["patch__api_v1_domains_domain_digest"];
        trace?: never;
    };
    "/links/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a link of a digest would do; it does nothing
         * @description For: anyone.
         */
        get: operations["get__links_token"];
        put?: never;
        /**
         * Do what the link says: pressed on its page, or one-click unsubscribe (RFC 8058)
         * @description For: anyone.
         */
        post: operations["post__links_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The web client
         * @description For: anyone.
         */
        get: operations["get__"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{page}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The web client, at one of its pages
         * @description For: anyone.
         */
        get: operations["get__page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mails/{mail}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The web client, at a mail's page
         * @description For: anyone.
         */
        get: operations["get__mails_mail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/assets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A file of the web client
         * @description For: anyone.
         */
        get: operations["get__assets_name"];
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
        /** @description RFC 9457. `type` is urn:mailkeep:problem:<one of invalid, signed-out, forbidden, not-found, wrong-method, conflict, over-limit, gone, too-large, address-too-long, not-json, key-reused, too-many, fault, behind, unavailable>. */
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            /** @description an administrator finds it in the log */
            id: string;
            problems: {
                where: string;
                problem: string;
            }[];
        };
        Domain: {
            mailboxHost: string;
            threshold: number | null;
            allowListGuard: boolean;
            subAddressDelimiter: string;
            postmaster: string | null;
            recipientSource: ("own" | "rcpt") | {
                /** @constant */
                kind: "ldap";
                url: string;
                startTls: boolean;
                verifyCertificate: boolean;
                bindDn: string;
                base: string;
                userFilter: string;
                groupFilter: string;
                passwordSet: boolean;
            };
            sendingQuota: {
                mailsPerDay: number;
                recipientsPerDay: number;
            } | null;
            /** @enum {string} */
            spoofing: "reject" | "rewrite" | "record";
            sendingAddresses: (string)[];
            name: string;
            /** @description its accounts are subscribed to the archive where they don’t say themselves */
            archiveByDefault: boolean;
            /** @description there is one for the user that its mailboxHost names */
            mailboxHostPasswordSet: boolean;
        };
        DomainDirectory: {
            /** @enum {string} */
            recipientSource: "own" | "rcpt" | "ldap";
            syncedAt: string | null;
            /** @description when it is copied next */
            dueAt: string | null;
            /** @description it is being copied now, until then at the latest */
            underWayUntil: string | null;
            /** @description why the last copy could not be made */
            problem: string | null;
            result: {
                /** @description what the directory has of this domain */
                found: {
                    accounts: number;
                    aliases: number;
                    groups: number;
                };
                created: {
                    accounts: number;
                    aliases: number;
                    groups: number;
                };
                removed: {
                    accounts: number;
                    aliases: number;
                    groups: number;
                };
                changed: number;
                /** @description addresses of the directory that belong to something made here */
                left: number;
            } | null;
        };
        DomainDkim: {
            domain: string;
            /** @description how long the record of a replaced key has to stay */
            overlapDays: number;
            keys: {
                selector: string;
                /** @enum {string} */
                algorithm: "rsa-sha256" | "ed25519-sha256";
                /**
                 * @description waiting: it signs when its record is seen; replaced: another signs, the record stays for mail under way; retired: the record may go
                 * @enum {string}
                 */
                state: "waiting" | "signing" | "replaced" | "retired";
                /** @description why it began to sign */
                because: ("published" | "administrator" | "demo") | null;
                /** Format: date-time */
                addedAt: string;
                /**
                 * Format: date-time
                 * @description since when it is in this state
                 */
                since: string;
                record: {
                    name: string;
                    /** @constant */
                    type: "TXT";
                    value: string;
                    /** @description as a line of a zone file, in strings of at most 255 characters */
                    zone: string;
                };
                /** @description whether the record is in the DNS now; null: nobody looked, the key is retired */
                published: ("published" | "missing" | "different" | "unknown") | null;
                /** @description what is there instead */
                problem: string | null;
            }[];
        };
        DomainCheck: {
            domain: string;
            hostname: string;
            /** @description from which its mail is sent, as far as is known */
            sendingAddresses: string[];
            /** @description nothing that is needed is missing or wrong */
            ok: boolean;
            findings: {
                /** @enum {string} */
                check: "mx" | "address" | "ptr" | "spf" | "dkim" | "dmarc" | "mta-sts" | "tls-rpt";
                /** @description the record's name */
                name: string;
                /** @enum {string} */
                type: "MX" | "A" | "PTR" | "TXT";
                /** @enum {string} */
                status: "ok" | "missing" | "wrong" | "warning" | "unknown";
                /** @description without it mail is lost or distrusted; else it is good to have */
                needed: boolean;
                /** @description as the DNS has it */
                published: string[];
                /** @description the record's value as it should be */
                expected: string | null;
                /** @description what to put into the zone, as a line of a zone file; null: nothing */
                publish: string | null;
                /** @description how it is and what to do, in a sentence */
                advice: string;
            }[];
        };
        Account: {
            address: string;
            displayName: string;
            roles: ("user" | "domain-admin" | "admin" | "compliance")[];
            aliases: string[];
            timeZone: string;
            language: string;
            quota: {
                mailsPerDay: number;
                recipientsPerDay: number;
            };
            suspended: boolean;
            /** @description beside its own address and aliases */
            sendAs: string[];
            /** @description where its mail goes on to */
            forwarding: {
                to: string[];
                keepCopy: boolean;
            } | null;
            /**
             * @description `ldap`: copied from the LDAP directory of its domain
             * @enum {string}
             */
            source: "own" | "ldap";
        };
        Group: {
            address: string;
            displayName: string;
            members: string[];
        };
        ListEntry: {
            entry: string;
            note: string | null;
            /**
             * Format: date-time
             * @description when it came on this list
             */
            since: string;
            /** @description who put it there */
            by: {
                /** @constant */
                kind: "account";
                address: string;
            } | {
                /** @constant */
                kind: "system";
                part: string;
            } | {
                /** @constant */
                kind: "operator";
                name: string;
            };
        };
        Approval: {
            id: string;
            /** @enum {string} */
            kind: "roles" | "password" | "archive-search" | "archive-export";
            account: string;
            roles: ("user" | "domain-admin" | "admin" | "compliance")[] | null;
            /** @description what an officer wants to look for; for officers to see */
            archive: {
                /** @description null: all */
                accounts: string[] | null;
                /** @description null: everything, newest first */
                query: string | null;
                reason: string;
                /**
                 * Format: date-time
                 * @description the approval is good until then
                 */
                until: string;
            } | null;
            requestedBy: string;
            /** Format: date-time */
            requestedAt: string;
            /** @description takes effect by itself then; null: never */
            dueAt: string | null;
            /** @enum {string} */
            state: "waiting" | "approved" | "refused" | "applied";
            decidedBy: string | null;
            decidedAt: string | null;
            reason: string | null;
        };
        QuarantineResult: {
            mail: string;
            recipient: string;
            /**
             * @description `releasing`: the scan before a release is under way
             * @enum {string}
             */
            state: "released" | "releasing" | "refused" | "discarded" | "failed";
            /** @description what stands against it, for `refused` and `failed` */
            detail: string | null;
            /** @description the entry put on the allow list */
            trusted: string | null;
        };
        QuarantineItem: {
            mail: string;
            /** @description the mailbox */
            recipient: string;
            /** @description as given */
            address: string;
            reason: ("virus" | "unscannable" | "attachment" | "block-list" | "spam") | null;
            /** @description one sentence for people */
            why: string;
            score: number | null;
            threshold: number | null;
            reversePath: string | null;
            headerFrom: string | null;
            headerFromName: string | null;
            subject: string | null;
            /** Format: date-time */
            acceptedAt: string;
            size: number;
            expiresAt: string | null;
            /** @description by its recipient; else by an administrator only, with a reason */
            releasable: boolean;
            /**
             * @description who may at least: its recipient, or only an administrator
             * @enum {string}
             */
            releasableBy: "user" | "admin";
            /** @description a release waits for its scan */
            releasing: boolean;
            releaseRefused: string | null;
        };
        Preview: {
            from: string | null;
            to: string[];
            subject: string | null;
            /** @description as the mail says */
            date: string | null;
            /** @description plain text; HTML is turned into text, nothing is loaded */
            text: string;
            /** @description there is more than is shown */
            cut: boolean;
            attachments: {
                name: string;
                type: string;
                size: number;
            }[];
        };
        MailSummary: {
            id: string;
            /** @enum {string} */
            flow: "inbound" | "submission" | "system";
            /** Format: date-time */
            acceptedAt: string;
            client: {
                address: string;
                name: string | null;
                helo: string | null;
            };
            reversePath: string | null;
            headerFrom: string | null;
            headerFromName: string | null;
            subject: string | null;
            messageId: string | null;
            size: number;
            contentHash: string;
            recipients: components["schemas"]["Recipient"][];
        };
        Recipient: {
            /** @description as given */
            address: string;
            /** @description what it resolves to */
            mailbox: string;
            /** @enum {string} */
            route: "mailbox" | "relay";
            /** @enum {string} */
            state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
            reason: ("virus" | "unscannable" | "attachment" | "block-list" | "spam") | null;
            score: number | null;
            threshold: number | null;
            symbols: {
                name: string;
                weight: number;
                description: string;
            }[];
            reply: {
                code: number;
                enhancedCode: string | null;
                text: string;
            } | null;
            archived: boolean;
            /** @description an administrator stopped delivery attempts */
            held: boolean;
            attempts: number;
            /** @description the next attempt */
            dueAt: string | null;
            /** @description end of the quarantine */
            expiresAt: string | null;
        };
        Mail: {
            id: string;
            /** @enum {string} */
            flow: "inbound" | "submission" | "system";
            /** Format: date-time */
            acceptedAt: string;
            client: {
                address: string;
                name: string | null;
                helo: string | null;
            };
            reversePath: string | null;
            headerFrom: string | null;
            headerFromName: string | null;
            subject: string | null;
            messageId: string | null;
            size: number;
            contentHash: string;
            recipients: components["schemas"]["Recipient"][];
            /** @description who submitted it */
            account: string | null;
            /** @description SPF, DKIM, DMARC and ARC, once they are known */
            authentication: unknown;
            policyVersion: number | null;
            contentKept: boolean;
            events: components["schemas"]["Event"][];
        };
        Event: {
            id: string;
            type: string;
            revision: number;
            position: string;
            /** Format: date-time */
            occurredAt: string;
            actor: {
                /** @constant */
                kind: "account";
                address: string;
            } | {
                /** @constant */
                kind: "system";
                part: string;
            } | {
                /** @constant */
                kind: "operator";
                name: string;
            };
            data: unknown;
        };
        Refusal: {
            id: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            stage: "connect" | "helo" | "mail" | "rcpt" | "data" | "auth";
            client: {
                address: string;
                name: string | null;
                helo: string | null;
            };
            reversePath: string | null;
            recipient: string | null;
            reply: {
                code: number;
                enhancedCode: string | null;
                text: string;
            };
            check: string;
            evidence: string | null;
            /** @description more than 1 where equal ones were counted together */
            count: number;
        };
        QueueEntry: {
            mail: string;
            recipient: string;
            address: string;
            /** @enum {string} */
            route: "mailbox" | "relay";
            /** @enum {string} */
            flow: "inbound" | "submission" | "system";
            /** @enum {string} */
            state: "pending" | "deferred" | "undeliverable";
            /** @description why it waits; `host-away`: tried as soon as its host is back */
            cause: ("reply" | "mailbox-full" | "host-away" | "destination-away" | "uncertain") | null;
            redirectedTo: string | null;
            attempts: number;
            dueAt: string | null;
            held: boolean;
            /** @description the host's last */
            reply: {
                code: number;
                enhancedCode: string | null;
                text: string;
            } | null;
            host: string | null;
            reversePath: string | null;
            subject: string | null;
            size: number;
            /** Format: date-time */
            acceptedAt: string;
            queuedAt: string | null;
        };
        QueueDestination: {
            /** @description the recipients' domain */
            destination: string;
            /** @enum {string} */
            route: "mailbox" | "relay";
            /** @description entries that are tried or held */
            waiting: number;
            /** @description of those, what may be tried now; counted up to 1000 */
            due: number;
            /** @description of those that wait */
            held: number;
            undeliverable: number;
            /** @description of what has waited longest */
            waitingSince: string | null;
            /** @description the next try; while a mailbox host is away: when it is given up */
            dueAt: string | null;
            /** @description the last one that was no success */
            reply: {
                code: number;
                enhancedCode: string | null;
                text: string;
            } | null;
            host: string | null;
            repliedAt: string | null;
            /** @description the last success while something waited */
            deliveredAt: string | null;
            /** @description since when no server of it can be used, or they ask to be left alone: it is tried less and less often; null: they speak about mail */
            awaySince: string | null;
        };
        Simulation: {
            id: string;
            /** @enum {string} */
            state: "waiting" | "running" | "done" | "failed" | "cancelled";
            requestedBy: string;
            /** Format: date-time */
            requestedAt: string;
            finishedAt: string | null;
            changes: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            from: string;
            /**
             * Format: date-time
             * @description excluded
             */
            to: string;
            /** @description mails looked at, and all there are */
            progress: {
                done: number;
                total: number;
            };
            /** @description what was found so far; toHeld, toDelivered, toRefused: what flips; released, reported: flips whose users had the mail released, or have blocked its sender since */
            result: {
                mails: number;
                verdicts: number;
                unchanged: number;
                toHeld: number;
                toDelivered: number;
                toRefused: number;
                unknown: number;
                released: number;
                reported: number;
                /** @description who has flips, those with most of them first */
                recipients: {
                    recipient: string;
                    toHeld: number;
                    toDelivered: number;
                    toRefused: number;
                    released: number;
                    reported: number;
                    examples: string[];
                }[];
                more: number;
                unknownWhy: {
                    why: string;
                    count: number;
                }[];
            } | null;
            /** @description why it failed */
            reason: string | null;
        };
        Policy: {
            /** @enum {string} */
            name: "edge" | "inspection" | "delivery" | "storage" | "accounts" | "submission" | "relay" | "digest" | "archive";
            /** @description 0: the built-in default */
            version: number;
            document: {
                [key: string]: unknown;
            };
        };
        PolicyVersion: {
            /** @description 0: the built-in default */
            version: number;
            /** @description null: it came with Mailkeep */
            at: string | null;
            by: ({
                /** @constant */
                kind: "account";
                address: string;
            } | {
                /** @constant */
                kind: "system";
                part: string;
            } | {
                /** @constant */
                kind: "operator";
                name: string;
            }) | null;
            reason: string;
            document: {
                [key: string]: unknown;
            };
        };
        Usage: {
            address: string;
            /** @description the date the quota is counted for */
            day: string;
            /** @description in which that day ends; a change counts from then on */
            timeZone: string;
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            resetsAt: string;
            mails: {
                used: number;
                /** @description what holds today */
                quota: number;
                /** @description for today only */
                raised: boolean;
            };
            recipients: {
                used: number;
                /** @description what holds today */
                quota: number;
                /** @description for today only */
                raised: boolean;
            };
            rates: {
                /** @description what policy allows in any minute */
                perMinute: {
                    mails: number;
                    recipients: number;
                };
                /** @description those of the last hour in which it sent, newest first */
                minutes: {
                    /** Format: date-time */
                    begins: string;
                    mails: number;
                    recipients: number;
                }[];
            };
        };
        ArchiveAccount: {
            address: string;
            subscribed: boolean;
            subscription: {
                /** @description null: as its domain says */
                own: boolean | null;
                domain: boolean;
            };
            /** @description null: without a bound */
            quotaBytes: number | null;
            /** @description its own, not the policy’s */
            ownQuota: boolean;
            usedBytes: number;
            copies: number;
            /** @description archiving goes on */
            full: boolean;
            growth: {
                /** @description looked at: today and those before */
                days: number;
                copiesPerDay: number;
                bytesPerDay: number;
                /** @description if it goes on so; null: never, or it is full */
                fullAt: string | null;
            };
            /** @description of what comes now; null: for ever */
            retentionDays: number | null;
            /** @description its own, not the policy’s */
            ownRetention: boolean;
            /** @description in place; what they are about is for officers to see */
            holds: components["schemas"]["Hold"][];
        };
        Hold: {
            id: string;
            name: string | null;
            /** @description covers what was accepted or became due from then on; null: from the beginning */
            from: string | null;
            /** @description and before then; null: for ever */
            until: string | null;
            /** @description of these, what it finds; null: all */
            query: string | null;
            reason: string | null;
            by: string | null;
            /** Format: date-time */
            at: string;
        };
        ArchiveReader: {
            /** Format: date-time */
            at: string;
            by: string;
            /** @enum {string} */
            what: "search" | "item" | "content" | "proof";
            mail: string | null;
            query: string | null;
            reason: string | null;
            approval: string | null;
        };
        ArchiveItem: {
            id: string;
            mail: string;
            account: string;
            /** @enum {string} */
            role: "sent" | "received";
            /** Format: date-time */
            archivedAt: string;
            headerFrom: string | null;
            headerFromName: string | null;
            /** @description of the header */
            to: string[];
            subject: string | null;
            size: number;
            highlights: string[];
        };
        ArchiveFacets: {
            total: number;
            /** @description addresses in From, To and Cc, at most 20 */
            people: {
                value: string;
                count: number;
            }[];
            /** @description `2026-03`, the latest first */
            months: {
                value: string;
                count: number;
            }[];
            sizes: {
                value: string;
                count: number;
            }[];
            /** @description kinds of attached files */
            types: {
                value: string;
                count: number;
            }[];
        };
        ArchivedMail: {
            id: string;
            mail: string;
            account: string;
            /** @enum {string} */
            role: "sent" | "received";
            /** Format: date-time */
            archivedAt: string;
            headerFrom: string | null;
            headerFromName: string | null;
            /** @description of the header */
            to: string[];
            subject: string | null;
            size: number;
            highlights: string[];
            contentHash: string;
            messageId: string | null;
            /** @enum {string} */
            flow: "inbound" | "submission" | "system";
            /** Format: date-time */
            acceptedAt: string;
            /**
             * Format: date-time
             * @description when the copy became due
             */
            dueAt: string;
            /** @description what was set later included; null: for ever */
            retainUntil: string | null;
            /** @description a legal hold covers it */
            held: boolean;
            /** @description who brought it */
            client: {
                address: string;
                name: string | null;
                helo: string | null;
            };
            envelope: {
                reversePath: string | null;
                /** @description of what somebody received only their own part, but for officers */
                recipients: components["schemas"]["ArchivedRecipient"][];
            };
            /** @description SPF, DKIM, DMARC and ARC, as they were found */
            authentication: unknown;
            symbols: {
                name: string;
                weight: number;
                description: string;
            }[];
            policyVersion: number | null;
        };
        ArchivedRecipient: {
            /** @description as given */
            address: string;
            mailbox: string;
            /** @enum {string} */
            route: "mailbox" | "relay";
            /** @enum {string} */
            state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
            reason: ("virus" | "unscannable" | "attachment" | "block-list" | "spam") | null;
            score: number | null;
            threshold: number | null;
            reply: {
                code: number;
                enhancedCode: string | null;
                text: string;
            } | null;
        };
        Alarm: {
            id: string;
            /** @enum {string} */
            kind: "scanner-away" | "disk" | "lag" | "parked" | "certificate" | "projection-stopped" | "backlog" | "log" | "directory-sync" | "mailbox-host-away" | "dkim-record" | "own-listing" | "block-list" | "archive-full";
            subject: string;
            detail: string;
            /** @enum {string} */
            state: "raised" | "acknowledged" | "over";
            /** Format: date-time */
            raisedAt: string;
            acknowledgedBy: string | null;
            acknowledgedAt: string | null;
            overAt: string | null;
            /** @description how often it was raised in all */
            times: number;
        };
        Projection: {
            name: string;
            version: number;
            /** @enum {string} */
            state: "live" | "catching-up" | "rebuilding" | "stopped";
            checkpoint: string | null;
            events: number;
            lag: {
                events: number;
                ms: number;
            };
            /** @description the event it can not take, and why */
            stopped: {
                position: string;
                stream: string;
                revision: number;
                type: string;
                /** Format: date-time */
                occurredAt: string;
                reason: string;
            } | null;
            rebuild: {
                checkpoint: string | null;
                events: number;
            } | null;
        };
        Reaction: {
            name: string;
            /** @description everything up to this position is answered */
            checkpoint: string | null;
            /** @description events that are being worked on */
            inFlight: number;
            /** @description events set aside after many failed tries */
            parked: number;
        };
        ParkedEvent: {
            eventId: string;
            stream: string;
            type: string;
            position: string;
            reason: string;
            /** Format: date-time */
            parkedAt: string;
            retries: number;
        };
        Digest: {
            /** @description `HH:MM` in the zone of the account; none: no digest */
            times: string[];
            /** @enum {string} */
            days: "every-day" | "weekdays";
            /**
             * @description `traffic`: when there is anything to tell; `held`: only when mail is held
             * @enum {string}
             */
            when: "traffic" | "held";
            /**
             * @description who says so
             * @enum {string}
             */
            from: "account" | "domain" | "policy";
            address: string;
            timeZone: string;
            nextAt: string | null;
            /** @description the end of the last window */
            lastAt: string | null;
        };
        DomainDigest: {
            /** @description `HH:MM` in the zone of the account; none: no digest */
            times: string[];
            /** @enum {string} */
            days: "every-day" | "weekdays";
            /**
             * @description `traffic`: when there is anything to tell; `held`: only when mail is held
             * @enum {string}
             */
            when: "traffic" | "held";
            /**
             * @description who says so
             * @enum {string}
             */
            from: "account" | "domain" | "policy";
            domain: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get__api_v1_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who is signed in, if anybody */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        signedIn: boolean;
                        address: string | null;
                        roles: ("user" | "domain-admin" | "admin" | "compliance")[];
                        expiresAt: string | null;
                        /** @description only for a session by cookie */
                        csrfToken: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_session: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    address: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description Signed in */
            201: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        token: string;
                        /** Format: date-time */
                        expiresAt: string;
                        address: string;
                        roles: ("user" | "domain-admin" | "admin" | "compliance")[];
                        csrfToken: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out; the token is of no use any more */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_tokens: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tokens, without their secrets */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: string;
                            name: string;
                            scopes: string[];
                            /** Format: date-time */
                            expiresAt: string;
                        }[];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_tokens: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    scopes: ("domains:read" | "domains:write" | "accounts:read" | "accounts:write" | "groups:read" | "groups:write" | "lists:read" | "lists:write" | "approvals:read" | "approvals:write" | "quarantine:read" | "quarantine:write" | "mails:read" | "content:read" | "archive:read" | "archive:write" | "refusals:read" | "queue:read" | "queue:write" | "policies:read" | "policies:write" | "usage:read" | "alarms:read" | "alarms:write" | "projections:read" | "projections:write" | "reactions:read" | "reactions:write" | "audit:read" | "metrics:read")[];
                    /** @description default: in 90 days */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description The token */
            201: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        name: string;
                        scopes: string[];
                        /** Format: date-time */
                        expiresAt: string;
                        token: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_tokens_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them; for a domain administrator, theirs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Domain"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_domains: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    mailboxHost?: string;
                    threshold?: number | null;
                    allowListGuard?: boolean;
                    subAddressDelimiter?: string;
                    postmaster?: string | null;
                    recipientSource?: ("own" | "rcpt") | {
                        /** @constant */
                        kind: "ldap";
                        url: string;
                        /** @default false */
                        startTls?: boolean;
                        /** @default true */
                        verifyCertificate?: boolean;
                        /** @default  */
                        bindDn?: string;
                        /** @description never shown again; left out it stays what it is, as long as `url` and `bindDn` do */
                        password?: string;
                        base: string;
                        /** @default (|(objectClass=user)(objectClass=inetOrgPerson)) */
                        userFilter?: string;
                        /** @default (|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)) */
                        groupFilter?: string;
                    };
                    sendingQuota?: {
                        mailsPerDay: number;
                        recipientsPerDay: number;
                    } | null;
                    /** @enum {string} */
                    spoofing?: "reject" | "rewrite" | "record";
                    sendingAddresses?: (string)[];
                    /** @description for the user that `mailboxHost` names; never shown again; null takes it away */
                    mailboxHostPassword?: string | null;
                    /** @description its accounts are subscribed to the archive where they don’t say themselves */
                    archiveByDefault?: boolean;
                };
            };
        };
        responses: {
            /** @description It is hosted from the next SMTP command on */
            201: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains_domain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The domain */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_domains_domain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch__api_v1_domains_domain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    mailboxHost?: string;
                    threshold?: number | null;
                    allowListGuard?: boolean;
                    subAddressDelimiter?: string;
                    postmaster?: string | null;
                    recipientSource?: ("own" | "rcpt") | {
                        /** @constant */
                        kind: "ldap";
                        url: string;
                        /** @default false */
                        startTls?: boolean;
                        /** @default true */
                        verifyCertificate?: boolean;
                        /** @default  */
                        bindDn?: string;
                        /** @description never shown again; left out it stays what it is, as long as `url` and `bindDn` do */
                        password?: string;
                        base: string;
                        /** @default (|(objectClass=user)(objectClass=inetOrgPerson)) */
                        userFilter?: string;
                        /** @default (|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)) */
                        groupFilter?: string;
                    };
                    sendingQuota?: {
                        mailsPerDay: number;
                        recipientsPerDay: number;
                    } | null;
                    /** @enum {string} */
                    spoofing?: "reject" | "rewrite" | "record";
                    sendingAddresses?: (string)[];
                    /** @description for the user that `mailboxHost` names; never shown again; null takes it away */
                    mailboxHostPassword?: string | null;
                    /** @description its accounts are subscribed to the archive where they don’t say themselves */
                    archiveByDefault?: boolean;
                };
            };
        };
        responses: {
            /** @description The domain as it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains_domain_directory: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDirectory"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_domains_domain_directory_sync: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default false */
                    acceptRemovals?: boolean;
                };
            };
        };
        responses: {
            /** @description It begins in a moment */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDirectory"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains_domain_dkim: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys; private ones are never shown */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDkim"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_domains_domain_dkim_keys: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description All keys as they are now */
            201: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDkim"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_domains_domain_dkim_start: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description absent: all that wait */
                    selectors?: string[];
                };
            };
        };
        responses: {
            /** @description All keys as they are now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDkim"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_domains_domain_dkim_retire: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    selector: string;
                    /**
                     * @description also when mail is signed with it now: then it is not, from now on
                     * @default false
                     */
                    force?: boolean;
                };
            };
        };
        responses: {
            /** @description All keys as they are now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDkim"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains_domain_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found, and what to publish */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainCheck"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_accounts: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                domain?: string;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them; for a domain administrator, theirs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Account"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_accounts: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    address: string;
                    /** @default  */
                    displayName?: string;
                    /** @default UTC */
                    timeZone?: string;
                    /** @default en */
                    language?: string;
                    /**
                     * @description null: the default of its domain, else of policy
                     * @default null
                     */
                    quota?: {
                        mailsPerDay: number;
                        recipientsPerDay: number;
                    } | null;
                    aliases?: string[];
                    /**
                     * @default [
                     *       "user"
                     *     ]
                     */
                    roles?: ("user" | "domain-admin" | "admin" | "compliance")[];
                    /** @description without it nobody can sign in */
                    password?: string;
                };
            };
        };
        responses: {
            /** @description The account */
            201: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        address: string;
                        displayName: string;
                        roles: ("user" | "domain-admin" | "admin" | "compliance")[];
                        aliases: string[];
                        timeZone: string;
                        language: string;
                        quota: {
                            mailsPerDay: number;
                            recipientsPerDay: number;
                        };
                        suspended: boolean;
                        /** @description beside its own address and aliases */
                        sendAs: string[];
                        /** @description where its mail goes on to */
                        forwarding: {
                            to: string[];
                            keepCopy: boolean;
                        } | null;
                        /**
                         * @description `ldap`: copied from the LDAP directory of its domain
                         * @enum {string}
                         */
                        source: "own" | "ldap";
                        /** @description what of the change waits for a second person */
                        approvals: {
                            id: string;
                            state: string;
                            dueAt: string | null;
                        }[];
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_accounts_address: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_accounts_address: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch__api_v1_accounts_address: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    displayName?: string;
                    timeZone?: string;
                    language?: string;
                    /** @description what is left out stays as it is; null: the default of its domain, else of policy */
                    quota?: {
                        mailsPerDay?: number;
                        recipientsPerDay?: number;
                    } | null;
                    aliases?: string[];
                    roles?: ("user" | "domain-admin" | "admin" | "compliance")[];
                    password?: string;
                    /** @description addresses of hosted domains that it may send as, beside its own */
                    sendAs?: string[];
                    /** @description true: every session ends, nobody signs in or sends, what is in its queue is held, mail for it is still taken; needs `reason`. false: needs `held` when mails are held. */
                    suspended?: boolean;
                    reason?: string;
                    /**
                     * @description what becomes of the mails that were held: sent, returned to their sender, or left in the queue
                     * @enum {string}
                     */
                    held?: "release" | "bounce" | "keep";
                    /** @description Where its mail goes on to once it is cleared, here or outside (if the policy `accounts` lets it); null: nowhere. Without a copy the mailbox still gets what could not be forwarded. */
                    forwarding?: {
                        to: string[];
                        /**
                         * @description a copy stays in its mailbox
                         * @default true
                         */
                        keepCopy?: boolean;
                    } | null;
                };
            };
        };
        responses: {
            /** @description The account as it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        address: string;
                        displayName: string;
                        roles: ("user" | "domain-admin" | "admin" | "compliance")[];
                        aliases: string[];
                        timeZone: string;
                        language: string;
                        quota: {
                            mailsPerDay: number;
                            recipientsPerDay: number;
                        };
                        suspended: boolean;
                        /** @description beside its own address and aliases */
                        sendAs: string[];
                        /** @description where its mail goes on to */
                        forwarding: {
                            to: string[];
                            keepCopy: boolean;
                        } | null;
                        /**
                         * @description `ldap`: copied from the LDAP directory of its domain
                         * @enum {string}
                         */
                        source: "own" | "ldap";
                        /** @description what of the change waits for a second person */
                        approvals: {
                            id: string;
                            state: string;
                            dueAt: string | null;
                        }[];
                    };
                };
            };
            /** @description Some of it waits for a second person */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        address: string;
                        displayName: string;
                        roles: ("user" | "domain-admin" | "admin" | "compliance")[];
                        aliases: string[];
                        timeZone: string;
                        language: string;
                        quota: {
                            mailsPerDay: number;
                            recipientsPerDay: number;
                        };
                        suspended: boolean;
                        /** @description beside its own address and aliases */
                        sendAs: string[];
                        /** @description where its mail goes on to */
                        forwarding: {
                            to: string[];
                            keepCopy: boolean;
                        } | null;
                        /**
                         * @description `ldap`: copied from the LDAP directory of its domain
                         * @enum {string}
                         */
                        source: "own" | "ldap";
                        /** @description what of the change waits for a second person */
                        approvals: {
                            id: string;
                            state: string;
                            dueAt: string | null;
                        }[];
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_accounts_address_password: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    current: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description It waits for a second person */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        approval: {
                            id: string;
                            state: string;
                            dueAt: string | null;
                        };
                    };
                };
            };
            /** @description Changed */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_accounts_address_app_passwords: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Their names, without the passwords */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: string;
                            name: string;
                            /** Format: date-time */
                            issuedAt: string;
                        }[];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_accounts_address_app_passwords: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description of the device, e.g. Phone */
                    name: string;
                };
            };
        };
        responses: {
            /** @description The app password */
            201: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        name: string;
                        /** Format: date-time */
                        issuedAt: string;
                        password: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_accounts_address_app_passwords_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_groups: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By address */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Group"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_groups: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    address: string;
                    /** @default  */
                    displayName?: string;
                    members: string[];
                };
            };
        };
        responses: {
            /** @description The group */
            201: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_groups_address: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The group */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_groups_address: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch__api_v1_groups_address: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    displayName?: string;
                    members?: string[];
                };
            };
        };
        responses: {
            /** @description The group as it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains_domain_allow_list: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By entry */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ListEntry"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put__api_v1_domains_domain_allow_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    note?: string | null;
                };
            };
        };
        responses: {
            /** @description It is on the list, in canonical form */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListEntry"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_domains_domain_allow_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is off the list */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_accounts_address_allow_list: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By entry */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ListEntry"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put__api_v1_accounts_address_allow_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    note?: string | null;
                };
            };
        };
        responses: {
            /** @description It is on the list, in canonical form */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListEntry"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_accounts_address_allow_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is off the list */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains_domain_block_list: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By entry */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ListEntry"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put__api_v1_domains_domain_block_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    note?: string | null;
                };
            };
        };
        responses: {
            /** @description It is on the list, in canonical form */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListEntry"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_domains_domain_block_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is off the list */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_accounts_address_block_list: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By entry */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ListEntry"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put__api_v1_accounts_address_block_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    note?: string | null;
                };
            };
        };
        responses: {
            /** @description It is on the list, in canonical form */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListEntry"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_accounts_address_block_list_entry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is off the list */
            204: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_approvals: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                state?: "waiting" | "approved" | "refused" | "applied";
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Approval"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_approvals: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
                /** @description why, for an officer's reading */
                "Mailkeep-Reason"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "archive-search" | "archive-export";
                    /** @description null: all */
                    accounts?: string[] | null;
                    /**
                     * @description null: everything
                     * @default null
                     */
                    query?: string | null;
                };
            };
        };
        responses: {
            /** @description It waits for another officer */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_approvals_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The approval */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_approvals_id_approve: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Approved and carried out */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_approvals_id_refuse: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description Refused */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_quarantine_release: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    items: {
                        mail: string;
                        recipient: string;
                    }[];
                    /** @default false */
                    trustSender?: boolean;
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description What happened to each, in the order given */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["QuarantineResult"][];
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_quarantine_discard: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    items: {
                        mail: string;
                        recipient: string;
                    }[];
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description What happened to each, in the order given */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["QuarantineResult"][];
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_quarantine: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                recipient?: string;
                reason?: "virus" | "unscannable" | "attachment" | "block-list" | "spam";
                /** @description in the sender's addresses or name */
                from?: string;
                subject?: string;
                after?: string;
                before?: string;
                minScore?: number;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Held mail */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["QuarantineItem"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_quarantine_mail_recipient: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The item */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineItem"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_quarantine_mail_recipient_release: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default false */
                    trustSender?: boolean;
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineResult"];
                };
            };
            /** @description Under way: the scan before the release has not answered yet */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineResult"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_quarantine_mail_recipient_discard: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineResult"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_quarantine_mail_recipient_block_sender: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Blocked */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mailbox: string;
                        entry: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_quarantine_mail_recipient_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The beginning of the mail as text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_mails: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                /** @description sender or recipient; `@domain` for a whole domain */
                address?: string;
                /** @description in subject, addresses, Message-ID or mail id */
                text?: string;
                ip?: string;
                messageId?: string;
                flow?: "inbound" | "submission" | "system";
                /** @description of any recipient */
                state?: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
                after?: string;
                before?: string;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Mails without their events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["MailSummary"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_mails_mail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                mail: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mail */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mail"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_mails_mail_content: {
        parameters: {
            query?: never;
            header?: {
                /** @description why, for an officer's reading */
                "Mailkeep-Reason"?: string;
            };
            path: {
                mail: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "message/rfc822": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_refusals: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                recipient?: string;
                sender?: string;
                ip?: string;
                stage?: "connect" | "helo" | "mail" | "rcpt" | "data" | "auth";
                check?: string;
                after?: string;
                before?: string;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Refusals */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Refusal"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_queue: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                /** @description the recipients' domain */
                destination?: string;
                /** @description who submitted it, or its reverse-path; `<>`: the null reverse-path */
                sender?: string;
                /** @description as given, or the mailbox it leads to */
                recipient?: string;
                /** @description `undeliverable` is chosen only when it is asked for */
                state?: "pending" | "deferred" | "undeliverable";
                /** @description in the last reply: its code, enhanced code and text */
                reply?: string;
                /** @description it has waited since before that */
                before?: string;
                held?: "true" | "false";
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By mail and recipient */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["QueueEntry"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_queue_destinations: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                /** @description the recipients' domain */
                destination?: string;
                away?: "true" | "false";
                /** @description `waiting`: those first that most waits for */
                order?: "name" | "waiting";
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Destinations that something waits for */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["QueueDestination"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_queue_mail_recipient: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entry */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueEntry"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_mail_recipient_retry: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: string;
                        recipient: string;
                        /** @enum {string} */
                        state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
                        held: boolean;
                        dueAt: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_mail_recipient_bounce: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: string;
                        recipient: string;
                        /** @enum {string} */
                        state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
                        held: boolean;
                        dueAt: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_mail_recipient_hold: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: string;
                        recipient: string;
                        /** @enum {string} */
                        state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
                        held: boolean;
                        dueAt: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_mail_recipient_unhold: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: string;
                        recipient: string;
                        /** @enum {string} */
                        state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
                        held: boolean;
                        dueAt: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_retry: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description the recipients' domain */
                    destination?: string;
                    /** @description who submitted it, or its reverse-path; `<>`: the null reverse-path */
                    sender?: string;
                    /** @description as given, or the mailbox it leads to */
                    recipient?: string;
                    /**
                     * @description `undeliverable` is chosen only when it is asked for
                     * @enum {string}
                     */
                    state?: "pending" | "deferred" | "undeliverable";
                    /** @description in the last reply: its code, enhanced code and text */
                    reply?: string;
                    /** @description it has waited since before that */
                    before?: string;
                    held?: boolean;
                    /**
                     * @description everything in the queue: needed where nothing else says what is meant
                     * @constant
                     */
                    all?: true;
                    /**
                     * @description entries at most in this call
                     * @default 500
                     */
                    limit?: number;
                    /** @description `next` of the call before, with the same criteria */
                    cursor?: string;
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description How many entries were changed */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        done: number;
                        /** @description entries of which there was nothing to do any more */
                        unchanged: number;
                        /** @description there are more: send it as `cursor`; null: that were all */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_bounce: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description the recipients' domain */
                    destination?: string;
                    /** @description who submitted it, or its reverse-path; `<>`: the null reverse-path */
                    sender?: string;
                    /** @description as given, or the mailbox it leads to */
                    recipient?: string;
                    /**
                     * @description `undeliverable` is chosen only when it is asked for
                     * @enum {string}
                     */
                    state?: "pending" | "deferred" | "undeliverable";
                    /** @description in the last reply: its code, enhanced code and text */
                    reply?: string;
                    /** @description it has waited since before that */
                    before?: string;
                    held?: boolean;
                    /**
                     * @description everything in the queue: needed where nothing else says what is meant
                     * @constant
                     */
                    all?: true;
                    /**
                     * @description entries at most in this call
                     * @default 500
                     */
                    limit?: number;
                    /** @description `next` of the call before, with the same criteria */
                    cursor?: string;
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description How many entries were changed */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        done: number;
                        /** @description entries of which there was nothing to do any more */
                        unchanged: number;
                        /** @description there are more: send it as `cursor`; null: that were all */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_hold: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description the recipients' domain */
                    destination?: string;
                    /** @description who submitted it, or its reverse-path; `<>`: the null reverse-path */
                    sender?: string;
                    /** @description as given, or the mailbox it leads to */
                    recipient?: string;
                    /**
                     * @description `undeliverable` is chosen only when it is asked for
                     * @enum {string}
                     */
                    state?: "pending" | "deferred" | "undeliverable";
                    /** @description in the last reply: its code, enhanced code and text */
                    reply?: string;
                    /** @description it has waited since before that */
                    before?: string;
                    held?: boolean;
                    /**
                     * @description everything in the queue: needed where nothing else says what is meant
                     * @constant
                     */
                    all?: true;
                    /**
                     * @description entries at most in this call
                     * @default 500
                     */
                    limit?: number;
                    /** @description `next` of the call before, with the same criteria */
                    cursor?: string;
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description How many entries were changed */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        done: number;
                        /** @description entries of which there was nothing to do any more */
                        unchanged: number;
                        /** @description there are more: send it as `cursor`; null: that were all */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_unhold: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description the recipients' domain */
                    destination?: string;
                    /** @description who submitted it, or its reverse-path; `<>`: the null reverse-path */
                    sender?: string;
                    /** @description as given, or the mailbox it leads to */
                    recipient?: string;
                    /**
                     * @description `undeliverable` is chosen only when it is asked for
                     * @enum {string}
                     */
                    state?: "pending" | "deferred" | "undeliverable";
                    /** @description in the last reply: its code, enhanced code and text */
                    reply?: string;
                    /** @description it has waited since before that */
                    before?: string;
                    held?: boolean;
                    /**
                     * @description everything in the queue: needed where nothing else says what is meant
                     * @constant
                     */
                    all?: true;
                    /**
                     * @description entries at most in this call
                     * @default 500
                     */
                    limit?: number;
                    /** @description `next` of the call before, with the same criteria */
                    cursor?: string;
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description How many entries were changed */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        done: number;
                        /** @description entries of which there was nothing to do any more */
                        unchanged: number;
                        /** @description there are more: send it as `cursor`; null: that were all */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_mail_recipient_redirect: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    to: string;
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: string;
                        recipient: string;
                        /** @enum {string} */
                        state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_queue_mail_recipient_discard: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                mail: string;
                recipient: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default null */
                    reason?: string | null;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: string;
                        recipient: string;
                        /** @enum {string} */
                        state: "pending" | "quarantined" | "delivered" | "deferred" | "bounced" | "expired" | "discarded" | "undeliverable";
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_policies_simulations: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Simulation"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_policies_simulations: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    changes: {
                        [key: string]: unknown;
                    };
                    from?: string;
                    to?: string;
                };
            };
        };
        responses: {
            /** @description Asked for; GET shows how far it is */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_policies_simulations_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The simulation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete__api_v1_policies_simulations_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The simulation */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_policies: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policies */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Policy"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_policies_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: "edge" | "inspection" | "delivery" | "storage" | "accounts" | "submission" | "relay" | "digest" | "archive";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put__api_v1_policies_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: "edge" | "inspection" | "delivery" | "storage" | "accounts" | "submission" | "relay" | "digest" | "archive";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    document: {
                        [key: string]: unknown;
                    };
                    /** @default changed by API */
                    reason?: string;
                    /**
                     * @description that of the path
                     * @enum {string}
                     */
                    name?: "edge" | "inspection" | "delivery" | "storage" | "accounts" | "submission" | "relay" | "digest" | "archive";
                    /** @description 409 when another version is in force */
                    version?: number;
                    /** @description the same as `version` */
                    expectedVersion?: number;
                };
            };
        };
        responses: {
            /** @description The policy as it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_policies_name_versions: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path: {
                name: "edge" | "inspection" | "delivery" | "storage" | "accounts" | "submission" | "relay" | "digest" | "archive";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PolicyVersion"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_usage_address: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The day in the account's time zone, and the last hour */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_usage_address_raise: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    mailsPerDay?: number;
                    recipientsPerDay?: number;
                };
            };
        };
        responses: {
            /** @description The day as it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_archive_accounts: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                domain?: string;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By address */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ArchiveAccount"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_archive_accounts_address: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The archive account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArchiveAccount"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch__api_v1_archive_accounts_address: {
        parameters: {
            query?: never;
            header?: {
                /** @description why, for an officer's reading */
                "Mailkeep-Reason"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description null: as its domain says */
                    subscribed?: boolean | null;
                    /** @description null: without a bound; "policy": as it says */
                    quotaBytes?: number | null | "policy";
                    /** @description null: for ever; "policy": as it says */
                    retentionDays?: number | null | "policy";
                    holds?: {
                        /** @description of one that is in place, which stays as it is */
                        id?: string;
                        name: string;
                        from?: string | null;
                        until?: string | null;
                        /** @default null */
                        query?: string | null;
                    }[];
                    liftHolds?: string[];
                };
            };
        };
        responses: {
            /** @description The archive account as it is now */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArchiveAccount"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_archive_accounts_address_readers: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ArchiveReader"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_archive_mails: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                /** @description whose archive; absent: for a user their own, for an officer all */
                account?: string;
                in?: "sent" | "received";
                /** @description words and filters */
                q?: string;
                /** @description newest first, or the best match first; absent: by date, but the best match first for words with OR */
                sort?: "date" | "relevance";
                /** @description with `q`: counts of people, months, sizes and kinds of files in all that is found */
                facets?: "true" | "false";
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
                /** @description why, for an officer's reading */
                "Mailkeep-Reason"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By mail, the newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ArchiveItem"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                        /** @description with `q`: complete up to here in the log */
                        position?: string | null;
                        facets?: components["schemas"]["ArchiveFacets"] | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_archive_mails_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
                /** @description why, for an officer's reading */
                "Mailkeep-Reason"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mail */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArchivedMail"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_archive_mails_id_content: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
                /** @description why, for an officer's reading */
                "Mailkeep-Reason"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "message/rfc822": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_alarms: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
                state?: "raised" | "acknowledged" | "over";
            };
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Alarm"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_alarms_id_acknowledge: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alarm */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alarm"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_projections: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description how many at most */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Projection"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_projections_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The view */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Projection"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_projections_name_rebuild: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Begun; GET shows how far it is */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Projection"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_projections_name_verify: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The comparison */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        same: boolean;
                        events: number;
                        ms: number;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_reactions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Reaction"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_reactions_name_parked: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The oldest first, at most `limit` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ParkedEvent"][];
                        /** @description cursor of the next page, null at the end */
                        next: string | null;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_reactions_name_replay: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    eventIds?: string[];
                };
            };
        };
        responses: {
            /** @description How many were put back */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        replayed: number;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_audit_events: {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
                /** @description `mail`, `account`, `domain`, ... */
                category?: string;
                type?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__health_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "live";
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__health_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "not ready";
                        problems: string[];
                        projections: {
                            name: string;
                            state: string;
                            lag: {
                                events: number;
                                ms: number;
                            };
                            stopped: string | null;
                        }[];
                    };
                };
            };
            /** @description Not ready, and why */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "not ready";
                        problems: string[];
                        projections: {
                            name: string;
                            state: string;
                            lag: {
                                events: number;
                                ms: number;
                            };
                            stopped: string | null;
                        }[];
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_openapi_json: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_docs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_accounts_address_digest: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its wishes, or what holds without any */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Digest"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch__api_v1_accounts_address_digest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    times?: string[];
                    /** @enum {string} */
                    days?: "every-day" | "weekdays";
                    /** @enum {string} */
                    when?: "traffic" | "held";
                    /**
                     * @description forget what was set here
                     * @constant
                     */
                    useDefault?: true;
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Digest"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__api_v1_accounts_address_digest_send: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted as a mail */
            202: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mail: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_accounts_address_digest_preview: {
        parameters: {
            query?: never;
            header?: {
                /** @description waits (at most 5 s) until the view has got to this position */
                "Mailkeep-After"?: string;
            };
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mail */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        subject: string;
                        text: string;
                        html: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__api_v1_domains_domain_digest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the domain says, or policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDigest"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch__api_v1_domains_domain_digest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    times?: string[];
                    /** @enum {string} */
                    days?: "every-day" | "weekdays";
                    /** @enum {string} */
                    when?: "traffic" | "held";
                    /**
                     * @description forget what was set here
                     * @constant
                     */
                    useDefault?: true;
                };
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainDigest"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__links_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page that says what the link does, or did */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description Signed in; the page for that is at Location */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A page: the press did not come from the page */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: sign in first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: there is no such link */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: it can not be done any more */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: the link is too old */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post__links_token: {
        parameters: {
            query?: never;
            header?: {
                /** @description a repeat with the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    press?: string;
                    "List-Unsubscribe"?: string;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description A page that says what the link does, or did */
            200: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description Signed in; the page for that is at Location */
            303: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A page: the press did not come from the page */
            400: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: sign in first */
            403: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: there is no such link */
            404: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: it can not be done any more */
            409: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page: the link is too old */
            410: {
                headers: {
                    /** @description position of what was done */
                    "Mailkeep-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__: {
        parameters: {
            query?: {
                q?: string;
                day?: string;
                recipient?: string;
                ip?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The web client */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__page: {
        parameters: {
            query?: {
                q?: string;
                day?: string;
                recipient?: string;
                ip?: string;
            };
            header?: never;
            path: {
                page: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The web client */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__mails_mail: {
        parameters: {
            query?: {
                q?: string;
                day?: string;
                recipient?: string;
                ip?: string;
            };
            header?: never;
            path: {
                mail: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The web client */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get__assets_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": unknown;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
